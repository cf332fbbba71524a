/** Everything that is stored, exported and deleted as a whole. */
import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { FormatError, StorageError, toWire } from '#core/errors.ts';
import { readRunFile } from '#core/run/runFile.ts';
import { createFakes, FakeStorage, SMALL, type Fakes } from '#tests/support/fakes.ts';
import { checkpointOf, runRecord } from '#tests/support/runs.ts';

async function withRuns(): Promise<{ session: Session; fakes: Fakes; storage: FakeStorage }> {
	const fakes = createFakes();
	const storage = new FakeStorage();
	fakes.ports.storage = storage;
	for (const id of ['a', 'b', 'c']) {
		await fakes.store.write({ ...runRecord(id), name: 'Sunday/../2' });
		await fakes.store.writeCheckpoint(id, checkpointOf(20).adapter, null);
	}
	const session = new Session(fakes.ports);
	session.draft.load(SMALL);
	await session.start();
	return { session, fakes, storage };
}

/** Names and contents of a ZIP archive without compression. */
function unpack(bytes: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
	const view = new DataView(bytes.buffer);
	const files = new Map<string, Uint8Array<ArrayBuffer>>();
	for (let at = 0; view.getUint32(at, true) === 0x04034b50;) {
		const nameEnd = at + 30 + view.getUint16(at + 26, true);
		const end = nameEnd + view.getUint32(at + 18, true);
		files.set(new TextDecoder().decode(bytes.slice(at + 30, nameEnd)), bytes.slice(nameEnd, end));
		at = end;
	}
	return files;
}

describe('an export of everything', () => {
	it('has every run as a file that opens, a damaged one as its text, and the settings', async () => {
		const { session, fakes } = await withRuns();
		const { store } = fakes;
		const read = store.read.bind(store);
		store.read = (id) =>
			id === 'c' ? Promise.reject(new FormatError('c is damaged.', { code: 'run-damaged' })) : read(id);
		const checkpoint = store.readCheckpoint.bind(store);
		store.readCheckpoint = (id, step) =>
			id === 'b'
				? Promise.reject(
						new FormatError('The checkpoint of step 20 is cut off.', { code: 'checkpoint-invalid' }),
					)
				: checkpoint(id, step);
		const file = await session.data.exportAll();
		expect(file).toMatchObject({ name: 'anchorage-2026-11-22.zip', type: 'application/zip' });
		const files = unpack(file?.content as Uint8Array<ArrayBuffer>);
		expect([...files.keys()]).toEqual([
			'sunday2.run.json.gz',
			'sunday2-2.run.json.gz',
			'sunday2.damaged.json',
			'settings.json',
		]);
		const opened = await readRunFile(files.get('sunday2.run.json.gz')!, 'x');
		expect(opened.record.outputs).toEqual(runRecord('a').outputs);
		expect(opened.adapters).toEqual([checkpointOf(20).adapter]);
		expect(session.data.leftOut).toEqual([
			'Sunday/../2: The checkpoint of step 20 is cut off.',
			'c is damaged.',
		]);
		expect(new TextDecoder().decode(files.get('settings.json'))).toContain('anchorage-theme');
	});
});

describe('a run that is too large for a run file', () => {
	it('is exported as its text, which is not called damaged', async () => {
		const { session, fakes } = await withRuns();
		const { store } = fakes;
		const read = store.read.bind(store);
		// A number that JSON lacks makes writing fail as a text beyond the browser's limit does.
		store.read = async (id) => {
			const record = await read(id);
			return id === 'c' && record !== null
				? { ...record, versions: { size: 1n as unknown as string } }
				: record;
		};
		const file = await session.data.exportAll();
		const files = unpack(file?.content as Uint8Array<ArrayBuffer>);
		expect([...files.keys()]).toContain('sunday2.record.json');
		expect(session.data.leftOut).toEqual([expect.stringContaining('is too large for one file')]);
		expect(JSON.parse(new TextDecoder().decode(files.get('sunday2.record.json')))).toMatchObject({ id: 'c' });
	});
});

describe('a deletion of everything', () => {
	it('deletes runs, checkpoints and every other part', async () => {
		const { session, fakes, storage } = await withRuns();
		await session.open('a');
		await session.data.removeAll();
		expect(fakes.store.runs.size).toBe(0);
		expect(fakes.store.checkpoints.size).toBe(0);
		expect([...storage.sizes.values()]).toEqual([0, 0, 0]);
		expect(session.library.runs).toEqual([]);
		// The open run stays on the page, and is not stored again by itself.
		await session.run.save();
		expect(fakes.store.runs.size).toBe(0);
		expect(session.run.unsaved?.code).toBe('run-deleted');
	});

	it('deletes nothing while a tab works on a run', async () => {
		const { session, fakes } = await withRuns();
		fakes.ports.locks.held = () => Promise.resolve(new Set(['a']));
		await session.data.removeAll();
		expect(session.data.error?.code).toBe('run-active');
		expect(fakes.store.runs.size).toBe(3);
	});

	it('goes on if one part fails, and names it', async () => {
		const { session, fakes, storage } = await withRuns();
		const remove = fakes.store.remove.bind(fakes.store);
		fakes.store.remove = (id) =>
			id === 'b' ? Promise.reject(new StorageError('b stays.', { code: 'storage-failed' })) : remove(id);
		await session.data.removeAll();
		expect([...fakes.store.runs.keys()]).toEqual(['b']);
		expect([...storage.sizes.values()]).toEqual([0, 0, 0]);
		expect(session.data.error?.message).toBe('b stays.');
	});
});

it('the browser is asked to keep the data before the first run is stored', async () => {
	const { session, fakes, storage } = await withRuns();
	const order: string[] = [];
	storage.persist = () => {
		order.push('asked');
		return Promise.resolve(true);
	};
	const write = fakes.store.write.bind(fakes.store);
	fakes.store.write = (run) => {
		order.push('written');
		return write(run);
	};
	await session.startRun();
	expect(order.slice(0, 2)).toEqual(['asked', 'written']);
	expect(order.filter((one) => one === 'asked')).toHaveLength(1);
	expect(session.data.persisted).toBe(true);
});

it('a refusal that a worker went on without is shown once', async () => {
	const { session, storage } = await withRuns();
	const error = toWire(new StorageError('The browser does not store x.', { code: 'model-cache-full' }));
	storage.refuse(error);
	expect(session.data.refused?.message).toBe('The browser does not store x.');
	session.data.dismissRefusal();
	storage.refuse(error);
	expect(session.data.refused).toBeNull();
});
