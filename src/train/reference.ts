/** Reference log-probabilities: each example once, with the adapter off, before training (TRL's `precompute_ref_log_probs`). */
import { sidesOf, type TokenizedExample } from '#core/batch/tokenize.ts';
import { hash64 } from '#core/math/hash.ts';
import type { Progress, TrainerState } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { packForStep } from './pack.ts';
import type { StepRunner } from './step.ts';

/** By example id. */
export type ReferenceLogps = TrainerState['referenceLogps'];

/**
 * Computes the log-probabilities that `known` lacks, a few examples per pass, and yields its progress.
 *
 * @returns all log-probabilities, including the known
 */
export async function* referenceLogps(
	runner: StepRunner,
	examples: readonly TokenizedExample[],
	known: ReferenceLogps,
	batchSize: number,
): AsyncGenerator<Progress, ReferenceLogps> {
	const all: Record<string, readonly number[]> = { ...known };
	const missing = examples.filter(({ id }) => known[id] === undefined);
	for (let start = 0; start < missing.length; start += batchSize) {
		const some = missing.slice(start, start + batchSize);
		const logps = await runner.logps(packForStep(some), null);
		let segment = 0;
		for (const example of some) {
			const end = segment + sidesOf(example).length;
			all[example.id] = [...logps.subarray(segment, end)];
			segment = end;
		}
		yield { phase: 'Reference log-probabilities', done: start + some.length, total: missing.length };
	}
	return all;
}

/** Sets that stay known; one has a few numbers per pair. */
const MOST_SETS = 8;

/**
 * Log-probabilities of the sets that a model was the reference of. Runs that train on the same pairs share them: the same passes
 * give the same numbers.
 */
export class ReferenceCache {
	readonly #sets = new Map<string, ReferenceLogps>();

	/** Empty if the set is not known. */
	known(key: string): ReferenceLogps {
		return this.#sets.get(key) ?? {};
	}

	/** Forgets the set that was kept first if there are too many. */
	keep(key: string, logps: ReferenceLogps): void {
		this.#sets.delete(key);
		this.#sets.set(key, logps);
		const [first] = this.#sets.keys();
		if (this.#sets.size > MOST_SETS && first !== undefined) this.#sets.delete(first);
	}
}

/** Everything that the log-probabilities of a set depend on, for one loaded model: the reference, the tokens, and the passes. */
export function referenceKey(recipe: Recipe, examples: readonly TokenizedExample[]): string {
	return hash64(JSON.stringify([recipe.begin?.sha256 ?? null, recipe.training.batchPairs, examples]));
}

/** [S] in the order of the segments of `examples`. */
export function referenceOf(
	examples: readonly TokenizedExample[],
	all: ReferenceLogps,
): Float32Array<ArrayBuffer> {
	return Float32Array.from(
		examples.flatMap((example) => all[example.id] ?? sidesOf(example).map(() => Number.NaN)),
	);
}
