/** Verifiable instructions in the manner of IFEval (arXiv 2311.07911), for models that know a language. */
import type { World, WorldFamily } from '../world.ts';
import { reviseInstruction, scoreInstruction } from './check.ts';
import { trained, untouched } from './families.ts';
import type { InstructionFamily } from './family.ts';
import { instructionPrompts } from './prompts.ts';

const shown = ({ id, name, describe }: InstructionFamily): WorldFamily => ({ id, name, describe });

export const instructions: World = {
	id: 'instructions',
	title: 'the instructions',
	describe: 'Requests with an instruction on the form of the answer, which a rule can check.',
	families: trained.map(shown),
	untouched: untouched.map(shown),
	prompts: instructionPrompts,
	score: scoreInstruction,
	revise: reviseInstruction,
};
