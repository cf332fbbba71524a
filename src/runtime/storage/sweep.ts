/** Removes checkpoints that no run can use: rows and bytes whose run is not stored, and bytes without a row. */
import type { BlobStore } from './blobs.ts';
import type { Database } from './database.ts';

/** Locks of runs across tabs. */
interface Locks {
	/** False if this browser has no locks, so that no tab can know of another tab's work. */
	known(): boolean;
	hold(runId: string): Promise<(() => void) | null>;
}

/** The name of a checkpoint's block: its run's id and its step. */
const KEY = /^(.+)\.step-(\d+)$/;

/** Holds each run's lock while it removes something, so that it never removes from a run that a tab is working on. */
export async function sweepCheckpoints(database: Database, blobs: BlobStore, locks: Locks): Promise<void> {
	if (!locks.known()) return;
	const rows = await database.getAll('checkpoints');
	const rowKeys = new Set(rows.map(({ key }) => key));
	const loose = (await blobs.keys()).flatMap((key) => {
		const [, runId] = KEY.exec(key) ?? [];
		return runId === undefined || rowKeys.has(key) ? [] : [runId];
	});
	for (const runId of new Set([...rows.map((row) => row.runId), ...loose])) {
		const isStored = (await database.getKey('runs', runId)) !== undefined;
		if (isStored && !loose.includes(runId)) continue;
		const release = await locks.hold(runId);
		if (release === null) continue;
		try {
			await sweepRun(database, blobs, runId);
		} finally {
			release();
		}
	}
}

/** Reads everything again, because the run may have been written before the lock was held. */
async function sweepRun(database: Database, blobs: BlobStore, runId: string): Promise<void> {
	const transaction = database.transaction(['runs', 'checkpoints'], 'readwrite');
	const checkpoints = transaction.objectStore('checkpoints');
	const range = IDBKeyRange.bound([runId, -Infinity], [runId, Infinity]);
	const isStored = (await transaction.objectStore('runs').getKey(runId)) !== undefined;
	const kept = new Set(isStored ? (await checkpoints.getAll(range)).map(({ key }) => key) : []);
	if (!isStored) await checkpoints.delete(range);
	await transaction.done;
	const keys = await blobs.keys();
	const spare = keys.filter((key) => KEY.exec(key)?.[1] === runId && !kept.has(key));
	await Promise.all(spare.map((key) => blobs.remove(key)));
}
