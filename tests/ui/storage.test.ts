/** Runs and checkpoints in the browser's own storage, in real Chromium: IndexedDB, the private file system, a real quota. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDB } from 'idb';
import { cdp } from 'vitest/browser';
import { RUN_SCHEMA, type RunRecord } from '#core/run/run.ts';
import type { BlobPlace } from '#runtime/storage/blobs.ts';
import { browserKernelStore } from '#runtime/storage/kernelStore.ts';
import { runLocks } from '#runtime/storage/runLocks.ts';
import { BrowserRunStore } from '#runtime/storage/runStore.ts';
import { blockKeys, deleteDatabase, failure } from '#tests/support/browserStorage.ts';
import { fetchStoredFixture, storeFixture } from '#tests/support/storedRun.ts';
import { checkpointOf, runRecord } from '#tests/support/runs.ts';

/** The browser's own commands, with types for the parts used here. */
interface DevTools {
	send(
		method: 'Storage.overrideQuotaForOrigin',
		params: { origin: string; quotaSize?: number },
	): Promise<void>;
}

const names = { files: 'test-files', database: 'test-database' } as const;
let store: BrowserRunStore;

describe.each<BlobPlace>(['files', 'database'])('checkpoints in %s', (blobs) => {
	const name = names[blobs];

	beforeEach(async () => {
		await deleteDatabase(name);
		store = new BrowserRunStore({ name, blobs });
	});
	afterEach(async () => {
		for (const { id } of (await store.survey()).runs) await store.remove(id);
		await store.close();
	});

	test('a run reads back as it was written, also through a new store', async () => {
		const run = runRecord('a');
		await store.write(run);
		await store.close();
		const later = new BrowserRunStore({ name, blobs });
		expect(await later.read('a')).toEqual({ ...run, edition: 1 });
		expect(await later.read('b')).toBeNull();
		await later.close();
	});

	test('an older copy does not overwrite a newer one, in any tab', async () => {
		const other = new BrowserRunStore({ name, blobs });
		expect(await store.write(runRecord('a'))).toBe(1);
		const [here, there] = [await store.read('a'), await other.read('a')];
		if (here === null || there === null) throw new Error('The run was not kept.');
		// Both at once: one of them is first, and the other is refused.
		const outcomes = await Promise.allSettled([
			store.write({ ...here, seconds: { sampling: 2 } }),
			other.write({ ...there, seconds: { sampling: 3 } }),
		]);
		expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
		const lost = outcomes.findIndex(({ status }) => status === 'rejected');
		const error = await failure(lost === 0 ? store.write(here) : other.write(there));
		expect(error).toMatchObject({ kind: 'storage', code: 'run-overtaken' });
		expect(await store.read('a')).toMatchObject({ edition: 2, seconds: { sampling: lost === 0 ? 3 : 2 } });
		// A new name makes no new edition, and a later write keeps it.
		await other.rename('a', 'Mine');
		expect(await store.write({ ...here, edition: 2 })).toBe(3);
		expect(await other.read('a')).toMatchObject({ name: 'Mine', edition: 3 });
		expect((await other.survey()).runs[0]).toMatchObject({ name: 'Mine', edition: 3 });
		await other.close();
	});

	test('the list has every run with its scores and its size', async () => {
		await store.write(runRecord('a'));
		await store.write(runRecord('b', 500));
		const [a, b] = (await store.survey()).runs;
		expect(a).toMatchObject({ id: 'a', name: 'Run a', phase: 'done', before: 0.4, after: 0.9 });
		const real = JSON.stringify(runRecord('b', 500)).length;
		expect((b?.bytes ?? 0) / real).toBeGreaterThan(0.8);
		expect((b?.bytes ?? 0) / real).toBeLessThan(1.2);
		const small = a?.bytes ?? 0;
		await store.writeCheckpoint('a', checkpointOf(20).adapter, checkpointOf(20).state);
		const { runs, quota } = await store.survey();
		const bytes = runs[0]?.bytes ?? 0;
		expect(bytes).toBeGreaterThan(small + 4 * 3 * checkpointOf(20).state.params.length);
		expect(quota).toBeGreaterThan(0);
	});

	test('checkpoints read back to the last bit, and the same step is overwritten', async () => {
		await store.write(runRecord('a'));
		for (const step of [20, 40]) {
			const { adapter, state } = checkpointOf(step);
			await store.writeCheckpoint('a', adapter, state);
		}
		expect(await store.readCheckpoint('a', 20)).toEqual(checkpointOf(20));
		expect(await store.readCheckpoint('a', 40)).toEqual(checkpointOf(40));
		expect(await store.readCheckpoint('a', 60)).toBeNull();
		expect(await store.readCheckpoint('other', 20)).toBeNull();
		const { adapter } = checkpointOf(20);
		await store.writeCheckpoint('a', adapter, null);
		expect(await store.readCheckpoint('a', 20)).toEqual({ adapter, state: null });
	});

	test('a checkpoint of a run that is not stored is refused, and leaves nothing', async () => {
		const { adapter, state } = checkpointOf(20);
		expect(await failure(store.writeCheckpoint('gone', adapter, state))).toMatchObject({
			kind: 'storage',
			code: 'run-not-stored',
		});
		expect(await blockKeys(name, blobs)).toEqual([]);
	});

	test('a sweep removes what no run can use, but nothing of a run that a tab works on', async () => {
		for (const id of ['a', 'b', 'c']) {
			await store.write(runRecord(id));
			await store.writeCheckpoint(id, checkpointOf(20).adapter, null);
		}
		// As after a crash between two writes of an earlier version.
		const database = await openDB(name);
		for (const id of ['b', 'c']) for (const table of ['runs', 'summaries']) await database.delete(table, id);
		await database.delete('checkpoints', ['a', 20]);
		database.close();
		const release = await runLocks.hold('c');
		await store.sweep();
		expect(await blockKeys(name, blobs)).toEqual(['c.step-20']);
		release?.();
		await store.sweep();
		expect(await blockKeys(name, blobs)).toEqual([]);
		expect((await store.survey()).runs.map(({ id }) => id)).toEqual(['a']);
	});

	test('renaming changes the run and the list', async () => {
		await store.write(runRecord('a'));
		await store.rename('a', 'Second try');
		expect((await store.read('a'))?.name).toBe('Second try');
		expect((await store.survey()).runs[0]?.name).toBe('Second try');
		await store.rename('gone', 'x');
		expect((await store.survey()).runs).toHaveLength(1);
	});

	test('deleting takes the run with its checkpoints and leaves the others', async () => {
		for (const id of ['a', 'b']) {
			await store.write(runRecord(id));
			await store.writeCheckpoint(id, checkpointOf(20).adapter, checkpointOf(20).state);
		}
		await store.remove('a');
		expect((await store.survey()).runs.map(({ id }) => id)).toEqual(['b']);
		expect(await store.readCheckpoint('a', 20)).toBeNull();
		expect(await store.readCheckpoint('b', 20)).toEqual(checkpointOf(20));
		await store.remove('a');
	});
});

// Blocks in the database are not tested: Chromium reads IndexedDB's quota only every half minute, so a quota set by a test is
// not applied in time, and no code outside the store can reach its blocks.
describe('checkpoint files', () => {
	const name = 'test-faults';

	beforeEach(async () => {
		await deleteDatabase(name);
		store = new BrowserRunStore({ name, blobs: 'files' });
	});
	afterEach(async () => {
		for (const { id } of (await store.survey()).runs) await store.remove(id);
		await store.close();
	});

	test('a full disk is reported with a hint, and saved checkpoints stay', async () => {
		await store.write(runRecord('a'));
		await store.writeCheckpoint('a', checkpointOf(20).adapter, checkpointOf(20).state);
		const devTools = cdp() as unknown as DevTools;
		await devTools.send('Storage.overrideQuotaForOrigin', { origin: location.origin, quotaSize: 1 });
		try {
			const { adapter, state } = checkpointOf(20);
			const large = { ...state, params: new Float32Array(4_000_000) };
			const error = await failure(store.writeCheckpoint('a', adapter, large));
			expect(error).toMatchObject({ kind: 'storage', code: 'storage-quota' });
			expect(error.message).toMatch(
				/Saving the checkpoint failed: the browser’s space for this page is used up/,
			);
			expect(error.hint).toMatch(/Delete runs on the Shelf/);
		} finally {
			await devTools.send('Storage.overrideQuotaForOrigin', { origin: location.origin });
		}
		expect(await store.readCheckpoint('a', 20)).toEqual(checkpointOf(20));
		expect(await store.read('a')).toEqual({ ...runRecord('a'), edition: 1 });
	});

	test('a damaged checkpoint is reported; one without its file is gone', async () => {
		await store.write(runRecord('a'));
		await store.writeCheckpoint('a', checkpointOf(20).adapter, checkpointOf(20).state);
		const root = await navigator.storage.getDirectory();
		const folder = await root.getDirectoryHandle(`${name}-checkpoints`);
		const writer = await (await folder.getFileHandle('a.step-20')).createWritable({ keepExistingData: true });
		await writer.truncate(5000);
		await writer.close();
		const error = await failure(store.readCheckpoint('a', 20));
		expect(error).toMatchObject({ kind: 'format', code: 'safetensors-invalid' });
		expect(error.message).toMatch(/^The checkpoint of step 20/);
		await folder.removeEntry('a.step-20');
		expect(await store.readCheckpoint('a', 20)).toBeNull();
		expect(await store.read('a')).not.toBeNull();
	});
});

test('a database of a newer page is reported, not overwritten', async () => {
	const name = 'test-newer';
	await new Promise<void>((resolve, reject) => {
		const request = indexedDB.open(name, 99);
		request.onsuccess = () => {
			request.result.close();
			resolve();
		};
		request.onerror = () => reject(request.error ?? new Error('open failed'));
	});
	const newer = new BrowserRunStore({ name });
	const error = await failure(newer.survey());
	expect(error).toMatchObject({ kind: 'storage', code: 'storage-version' });
	expect(error.hint).toMatch(/Reload the page/);
	await deleteDatabase(name);
	// The failure is not permanent: afterwards the same store works.
	expect((await newer.survey()).runs).toEqual([]);
	await newer.close();
	await deleteDatabase(name);
});

test('runs that an earlier page kept as objects are read, renamed and resumed', async () => {
	const name = 'test-earlier';
	await deleteDatabase(name);
	const earlier = await openDB(name, 1, {
		upgrade: (database) => {
			database.createObjectStore('runs', { keyPath: 'id' });
			database.createObjectStore('summaries', { keyPath: 'id' });
			database.createObjectStore('checkpoints', { keyPath: ['runId', 'step'] });
			database.createObjectStore('blobs');
		},
	});
	const run = runRecord('a');
	await earlier.put('runs', run);
	await earlier.put('summaries', { id: 'a', name: run.name, createdAt: run.createdAt, bytes: 1 });
	earlier.close();
	const now = new BrowserRunStore({ name });
	expect(await now.read('a')).toEqual(run);
	await now.rename('a', 'Mine');
	expect(await now.write(run)).toBe(1);
	expect(await now.read('a')).toEqual({ ...run, name: 'Mine', edition: 1 });
	await now.close();
	await deleteDatabase(name);
});

test('a run that version 2 stored has ids of its own, its checkpoints read, and it is stored in the current form', async () => {
	const name = 'test-version-2';
	await deleteDatabase(name);
	const fixture = await fetchStoredFixture();
	await storeFixture(name, fixture);
	const now = new BrowserRunStore({ name, blobs: 'files' });
	const [summary] = (await now.survey()).runs;
	expect(summary).toMatchObject({ name: 'Sunday', phase: 'training', step: 4, edition: 13 });
	const id = summary!.id;
	const run = (await now.read(id))!;
	expect(run).toMatchObject({ schema: RUN_SCHEMA, edition: 13, checkpoints: [2, 4] });
	expect(run.pairs[0]?.id).toBe(`${run.pairs[0]?.prompt.id}.p1`);
	for (const step of run.checkpoints) {
		const { adapter, state } = (await now.readCheckpoint(id, step))!;
		expect([adapter.step, state?.step]).toEqual([step, step]);
		expect(Object.keys(state!.referenceLogps).sort()).toEqual(run.pairs.map((pair) => pair.id).sort());
	}
	expect(await now.write(run)).toBe(14);
	expect(await now.read(id)).toEqual({ ...run, edition: 14 });
	await now.remove(id);
	await now.close();
	await deleteDatabase(name);
});

test('a run of a newer form is refused with a hint, and stays', async () => {
	const name = 'test-newer-run';
	await deleteDatabase(name);
	const newer = { ...runRecord('a'), schema: 99 } as unknown as RunRecord;
	const kept = new BrowserRunStore({ name });
	await kept.write(newer);
	const error = await failure(kept.read('a'));
	expect(error).toMatchObject({
		kind: 'format',
		code: 'run-newer',
		hint: 'Update this page, then open it again.',
	});
	expect(error.message).toMatch(/Run a was written by a newer version/);
	expect((await kept.survey()).runs).toHaveLength(1);
	await kept.close();
	await deleteDatabase(name);
});

test('another tab that deletes the database closes it here, and the next call opens a new one', async () => {
	const name = 'test-closed';
	const here = new BrowserRunStore({ name });
	await here.write(runRecord('a'));
	await deleteDatabase(name);
	expect((await here.survey()).runs).toEqual([]);
	await here.write(runRecord('b'));
	expect((await here.survey()).runs.map(({ id }) => id)).toEqual(['b']);
	await here.close();
	await deleteDatabase(name);
});

test('program times are stored by device, with the setting; an unknown name is ignored', async () => {
	const name = 'test-kernels';
	await deleteDatabase(name);
	const kept = browserKernelStore(name);
	expect(await kept.times('a')).toBeNull();
	expect(await kept.settings()).toBeNull();
	await kept.keepTimes('a', { 'linear many 8x4': { registers: 2, shared64: 1.5 } });
	await kept.keepSettings({ programs: 'shared64', weights: 'f16', arithmetic: 'f16' });
	const later = browserKernelStore(name);
	expect(await later.times('a')).toEqual({ 'linear many 8x4': { registers: 2, shared64: 1.5 } });
	expect(await later.times('b')).toBeNull();
	expect(await later.settings()).toEqual({ programs: 'shared64', weights: 'f16', arithmetic: 'f16' });
	await later.keepSettings({ programs: 'of-another-version' as 'auto', weights: 'f32', arithmetic: 'f32' });
	expect(await later.settings()).toBeNull();
	await deleteDatabase(name);
});
