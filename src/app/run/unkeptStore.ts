/** A store that keeps one run until it is dropped, for runs that are only measured. */
import type { RunStore, StoredCheckpoint } from '#core/ports.ts';
import type { RunRecord } from '#core/run/run.ts';

export function unkeptStore(): RunStore {
	let record: RunRecord | null = null;
	const checkpoints = new Map<number, StoredCheckpoint>();
	return {
		survey: () => Promise.resolve({ runs: [], damaged: [], quota: null }),
		read: () => Promise.resolve(record),
		readText: () => Promise.resolve(null),
		write: (run) => {
			record = { ...run, edition: (record?.edition ?? 0) + 1 };
			return Promise.resolve(record.edition ?? 1);
		},
		rename: () => Promise.resolve(),
		remove: () => Promise.resolve(),
		onRemoved: () => () => undefined,
		writeCheckpoint: (_, adapter, state) => {
			checkpoints.set(adapter.step, { adapter, state });
			return Promise.resolve();
		},
		readCheckpoint: (_, step) => Promise.resolve(checkpoints.get(step) ?? null),
		sweep: () => Promise.resolve(),
	};
}
