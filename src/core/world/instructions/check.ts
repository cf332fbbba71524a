/** Strict and loose checks of an answer, and its revision. */
import { rng } from '../../math/rng.ts';
import type { WorldRefusal, WorldRevision, WorldScore } from '../world.ts';
import { refuse } from './family.ts';
import { readInstruction, type Instruction } from './instruction.ts';
import { looseVariants } from './loose.ts';
import { withoutLoops } from './text/loops.ts';
import { tokensOf } from './text/sentences.ts';

/** Longer answers are loops or essays; the bound limits the cost of the checks and of the mends on any text. */
const LONGEST_ANSWER = 8000;

/** Null if the answer does exactly as the prompt says, with enough words and without a loop. */
function strictFault({ rule, family }: Instruction, answer: string): string | null {
	if (answer.length > LONGEST_ANSWER) return 'The answer is too long to check.';
	const { length } = tokensOf(answer);
	if (length === 0) return 'There is no answer.';
	if (length < family.fewestWords) return `The answer has only ${length} word${length === 1 ? '' : 's'}.`;
	const { phrase } = withoutLoops(answer);
	return phrase === null ? rule.fault(answer) : `“${phrase.slice(0, 60)}” is repeated at once.`;
}

/** The score is strict: 1 or 0. The loose check has no weight. */
export function scoreInstruction(promptText: string, answer: string): WorldScore | null {
	const instruction = readInstruction(promptText);
	if (instruction === null) return null;
	const fault = strictFault(instruction, answer);
	const strict = fault === null;
	const variants = answer.length > LONGEST_ANSWER ? [] : looseVariants(answer);
	const loose = strict || variants.some((text) => strictFault(instruction, text) === null);
	return {
		score: strict ? 1 : 0,
		family: instruction.family.id,
		strict,
		loose,
		checks: [
			{ name: 'as asked', passed: strict, weight: 1, reason: fault ?? 'The answer does as the prompt says.' },
			{ name: 'as asked, loosely', passed: loose, weight: 0, reason: looseReason(strict, loose) },
		],
	};
}

function looseReason(strict: boolean, loose: boolean): string {
	if (strict) return 'The strict check passes, so the loose check does.';
	return loose
		? 'Without marks of emphasis or a line around it, the answer does as the prompt says.'
		: 'Without marks of emphasis and lines around it, the answer still does something else.';
}

export function reviseInstruction(
	promptText: string,
	answer: string,
	seed: number,
): WorldRevision | WorldRefusal | null {
	const instruction = readInstruction(promptText);
	if (instruction === null) return null;
	const voice = rng(seed).fork('reviser');
	const fault = strictFault(instruction, answer);
	if (fault === null) {
		const close = voice.pick([
			'Nothing needs to change.',
			'It can stay as it is.',
			'There is nothing to correct.',
		]);
		return { revised: answer, reasoning: `The answer does as the prompt says. ${close}`, changed: false };
	}
	if (answer.length > LONGEST_ANSWER) return refuse('The answer is too long to revise.');
	if (tokensOf(answer).length === 0) return refuse('There is no answer to revise.');
	const revised = mended(instruction, answer);
	if (typeof revised !== 'string') return revised;
	const close = voice.pick([
		'Nothing else needs to change.',
		'All else is kept.',
		'No other word has to change.',
	]);
	return { revised, reasoning: `${fault} ${instruction.rule.remedy} ${close}`, changed: true };
}

/** Removes loops first: without them the answer may be right. */
export function mended(instruction: Instruction, answer: string): string | WorldRefusal {
	const plain = withoutLoops(answer.trim()).text.trim();
	if (strictFault(instruction, plain) === null) return plain;
	const revised = instruction.rule.mend(plain);
	if (typeof revised !== 'string') return revised;
	const fault = strictFault(instruction, revised);
	return fault === null ? revised : refuse(`A small edit is not enough: ${lowered(fault)}`);
}

const lowered = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);
