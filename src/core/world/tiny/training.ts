/**
 * Text for pretraining: prompts of the training split with right or flawed answers. A model trained on the
 * mix can answer well but often does not; preference tuning corrects that.
 */
import type { Rng } from '../../math/rng.ts';
import { families } from './families.ts';
import type { Family, Task } from './family.ts';
import { withGenericFlaw } from './flaws.ts';
import { drawFrom } from './prompts.ts';

export interface TrainingExample {
	prompt: string;
	answer: string;
	flawed: boolean;
}

/**
 * Shares of the mix. With well over half of the answers having their family's own flaw, the greedy answer has
 * it too. With unsystematic flaws the greedy answer would be right from the start, and tuning would have
 * nothing to improve.
 */
export const MIX = {
	/** Share of flawed answers among all answers. */
	flawed: 0.65,
	/** Share of the family's own flaw among the flawed answers. */
	own: 0.75,
	/** Share of the generic flaws that are added to an answer with the family's own flaw. */
	both: 0.5,
} as const;

const PRACTICE = families.reduce((sum, family) => sum + family.practice, 0);

/** Draws a prompt of the training split and an answer from the mix. */
export function trainingExample(rng: Rng): TrainingExample {
	for (;;) {
		const prompt = drawFrom(pickFamily(rng), rng, 'train');
		const task = families.map((family) => family.read(prompt)).find((read) => read !== null);
		if (task) return { prompt, ...answerFor(task, rng) };
	}
}

function pickFamily(rng: Rng): Family {
	let left = rng.next() * PRACTICE;
	return families.find((family) => (left -= family.practice) < 0) ?? rng.pick(families);
}

/** Draws an answer to one task from the mix. */
export function answerFor(task: Task, rng: Rng): { answer: string; flawed: boolean } {
	if (rng.next() >= MIX.flawed) return { answer: task.answer, flawed: false };
	if (rng.next() < MIX.own) return { answer: task.ownFlaw(), flawed: true };
	const base = rng.next() < MIX.both ? task.ownFlaw() : task.answer;
	return { answer: withGenericFlaw(base, rng), flawed: true };
}
