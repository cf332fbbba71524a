/**
 * Text for pretraining: prompts of the training split with answers that are right or flawed. The model that learns the mix
 * knows how to answer well and often does not, which is what alignment is for.
 */
import type { Rng } from '../math/rng.ts';
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
 * The mix. A share well over a half of own flaws makes the greedy answer flawed; unsystematic flaws would leave the greedy
 * answer right from the start, and there would be nothing to see.
 */
export const MIX = {
	/** Share of all answers that are flawed. */
	flawed: 0.65,
	/** Share of the flawed answers that have the family's own flaw. */
	own: 0.75,
	/** Share of the generic flaws that come on top of the own one. */
	both: 0.5,
} as const;

const PRACTICE = families.reduce((sum, family) => sum + family.practice, 0);

/** One prompt of the training split with an answer drawn from the mix. */
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

/** An answer to one task drawn from the mix. */
export function answerFor(task: Task, rng: Rng): { answer: string; flawed: boolean } {
	if (rng.next() >= MIX.flawed) return { answer: task.answer, flawed: false };
	if (rng.next() < MIX.own) return { answer: task.ownFlaw(), flawed: true };
	const base = rng.next() < MIX.both ? task.ownFlaw() : task.answer;
	return { answer: withGenericFlaw(base, rng), flawed: true };
}
