/** The rows of every step of a run, in the order in which the run trains on them. */
import { batchAt } from '../../batch/sampler.ts';
import { AppError } from '../../errors.ts';
import type { PreferencePair } from '../../pair/pair.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import type { RunRecord } from '../../run/run.ts';

/**
 * The pairs that the run trains on: without those that were left out. Open answers lose the white space at their end, as in
 * training, because templates differ in whether they keep it.
 */
export function trainedPairs({ pairs, plan }: Pick<RunRecord, 'pairs' | 'plan'>): readonly PreferencePair[] {
	const leftOut = new Set(plan?.leftOut?.map(({ id }) => id));
	return pairs.filter(({ id }) => !leftOut.has(id)).map(trimmed);
}

function trimmed(pair: PreferencePair): PreferencePair {
	const { open, chosen, rejected } = pair;
	if (open === undefined) return pair;
	return {
		...pair,
		chosen: open.chosen ? chosen.trimEnd() : chosen,
		rejected: open.rejected ? rejected.trimEnd() : rejected,
	};
}

/** Indices of the pairs of every step, from 0; micro-batches are joined. */
export function pairsOfSteps(
	{ training }: Pick<Recipe, 'training'>,
	pairs: number,
): readonly (readonly number[])[] {
	const { steps, batchPairs, accumulationSteps, seed } = training;
	return Array.from({ length: steps }, (_, step) =>
		Array.from({ length: accumulationSteps }, (__, part) =>
			batchAt({ pairs, batchPairs, seed }, step * accumulationSteps + part),
		).flat(),
	);
}

/**
 * Indices of the answers of a step, if every pair is two rows: chosen, rejected. All chosen answers come first, so that TRL, which
 * gives each prompt the answer of the row before for its estimate of KL, mixes the answers as the run does.
 */
export function answersOf(pairs: readonly number[]): readonly number[] {
	return [...pairs.map((i) => 2 * i), ...pairs.map((i) => 2 * i + 1)];
}

/**
 * TRL's KTOTrainer mixes the answers for its estimate of KL before train.py could drop the ends of open ones.
 *
 * @throws AppError `trl-open` if there are open answers
 */
export function expectEnds(pairs: readonly PreferencePair[]): void {
	const open = pairs.filter((pair) => pair.open !== undefined).length;
	if (open === 0) return;
	throw new AppError(`${open} pairs have answers without an end token, which TRL’s KTO cannot train on.`, {
		code: 'trl-open',
		hint: 'Set “cut answers” to an end token after every answer, run it again, and export.',
		context: { open },
	});
}
