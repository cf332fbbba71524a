/** Reference log-probabilities: each example once, with the adapter off, before training (TRL's `precompute_ref_log_probs`). */
import { sidesOf, type TokenizedExample } from '#core/batch/tokenize.ts';
import type { Progress, TrainerState } from '#core/ports.ts';
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

/** [S] in the order of the segments of `examples`. */
export function referenceOf(
	examples: readonly TokenizedExample[],
	all: ReferenceLogps,
): Float32Array<ArrayBuffer> {
	return Float32Array.from(
		examples.flatMap((example) => all[example.id] ?? sidesOf(example).map(() => Number.NaN)),
	);
}
