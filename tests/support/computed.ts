/** The part of a run that another run of its recipe repeats to the digit. */
import { createHash } from 'node:crypto';
import type { ReadRun } from '../../src/core/run/runFile.ts';

/** Everything that a run computed, without its times: answers, pairs, each step's loss, held-out scores, the adapter. */
export function computed({ record, adapters }: ReadRun) {
	const { recipe, phase, outputs, revisions, pairs, heldOut } = record;
	const metrics = record.metrics.map((step) => ({ ...step, seconds: 0, tokensPerSecond: 0 }));
	const hashes = adapters.map((adapter) =>
		createHash('sha256').update(JSON.stringify(adapter)).digest('hex'),
	);
	return { recipe, phase, outputs, revisions, pairs, heldOut, metrics, adapters: hashes };
}
