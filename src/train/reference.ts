/** Reference log-probabilities: each pair once, with the adapter off, before training (TRL's `precompute_ref_log_probs`). */
import { at } from '#core/math/at.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import type { Progress } from '#core/ports.ts';
import { packForStep } from './pack.ts';
import type { StepRunner } from './step.ts';

/** log π_ref of chosen and rejected by pair id, nats. */
export type ReferenceLogps = Readonly<Record<string, readonly [chosen: number, rejected: number]>>;

/**
 * Computes what `known` lacks, some pairs a pass, and yields its progress.
 *
 * @returns all, the known ones included
 */
export async function* referenceLogps(
	runner: StepRunner,
	pairs: readonly TokenizedPair[],
	known: ReferenceLogps,
	batchPairs: number,
): AsyncGenerator<Progress, ReferenceLogps> {
	const all: Record<string, readonly [number, number]> = { ...known };
	const missing = pairs.filter(({ id }) => known[id] === undefined);
	for (let start = 0; start < missing.length; start += batchPairs) {
		const some = missing.slice(start, start + batchPairs);
		const logps = await runner.logps(packForStep(some), null);
		for (const [i, { id }] of some.entries()) all[id] = [at(logps, 2 * i), at(logps, 2 * i + 1)];
		yield { phase: 'Reference log-probabilities', done: start + some.length, total: missing.length };
	}
	return all;
}

/** [2·pairs + 1] interleaved in the order of the pairs, the padding entry 0. */
export function referenceOf(pairs: readonly TokenizedPair[], all: ReferenceLogps): Float32Array<ArrayBuffer> {
	const out = new Float32Array(2 * pairs.length + 1);
	for (const [i, { id }] of pairs.entries()) out.set(all[id] ?? [NaN, NaN], 2 * i);
	return out;
}
