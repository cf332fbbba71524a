/**
 * The pairs of each step: seeded permutations of all pairs, one per epoch, joined end to end and cut into
 * batches of equal size. A pure function of (seed, step), so a resumed run needs no sampler state. If an
 * epoch ends inside a batch, the next epoch fills the batch.
 */
import { ShapeError } from '../errors.ts';
import { at } from '../math/at.ts';
import { rng } from '../math/rng.ts';

export interface SamplerSettings {
	/** Pairs in the set, at least 1. */
	pairs: number;
	batchPairs: number;
	seed: number;
}

function permutation(pairs: number, seed: number, epoch: number): number[] {
	return rng(seed)
		.fork(`epoch-${epoch}`)
		.shuffle(Array.from({ length: pairs }, (_, i) => i));
}

/**
 * Indices of the pairs of micro-batch `step`, counted from 0 (with accumulation: optimiser step · accumulationSteps + part).
 *
 * @throws ShapeError if there is no pair
 */
export function batchAt({ pairs, batchPairs, seed }: SamplerSettings, step: number): number[] {
	if (pairs < 1 || batchPairs < 1) {
		throw new ShapeError(`A batch of ${batchPairs} cannot be drawn from ${pairs} pairs.`, {
			code: 'sampler-empty',
			hint: 'Keep at least one pair and a batch of at least one.',
		});
	}
	const batch: number[] = [];
	let epoch = -1;
	let order: number[] = [];
	for (let place = step * batchPairs; place < (step + 1) * batchPairs; place++) {
		if (Math.floor(place / pairs) !== epoch) {
			epoch = Math.floor(place / pairs);
			order = permutation(pairs, seed, epoch);
		}
		batch.push(at(order, place % pairs));
	}
	return batch;
}

/** Epochs seen after `steps` micro-batches, fractional. */
export function epochsAfter(
	{ pairs, batchPairs }: Pick<SamplerSettings, 'pairs' | 'batchPairs'>,
	steps: number,
): number {
	return (steps * batchPairs) / pairs;
}
