/** Verifiable instructions in the manner of IFEval (arXiv 2311.07911), for models that know a language. */
import { PANEL } from '../panel.ts';
import type { World, WorldFamily } from '../world.ts';
import { answerInstruction } from './answer.ts';
import { reviseInstruction, scoreInstruction } from './check.ts';
import { trained, untouched } from './families.ts';
import type { InstructionFamily } from './family.ts';
import { instructionPrompts } from './prompts.ts';

const shown = ({ id, name, describe }: InstructionFamily): WorldFamily => ({ id, name, describe });

export const instructions: World = {
	id: 'instructions',
	title: 'the instructions',
	describe: 'Requests with an instruction on the form of the answer, which a rule can check.',
	example: {
		prompt: 'Describe a pond. Begin your answer with the words "In short,".',
		flawed: 'A pond is a small body of still water.',
		revised: 'In short, a pond is a small body of still water.',
		lesson: 'The model can write such a text, and often it does not keep to the form.',
	},
	families: trained.map(shown),
	untouched: untouched.map(shown),
	panel: PANEL,
	prompts: instructionPrompts,
	score: scoreInstruction,
	revise: reviseInstruction,
	answer: answerInstruction,
};
