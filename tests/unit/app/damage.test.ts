/** Stored data that is damaged or refused: the run goes on, and the page names the fault. */
import { describe, expect, it } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { checkpointNote } from '#app/text/checkpoints.ts';
import { FormatError, StorageError } from '#core/errors.ts';
import { writeRunFile } from '#core/run/runFile.ts';
import { createFakes, FakeStore, SMALL, type Fakes } from '#tests/support/fakes.ts';
import { checkpointOf, runRecord } from '#tests/support/runs.ts';

function open(fakes: Fakes = createFakes(), recipe = SMALL): { session: Session; fakes: Fakes } {
	const session = new Session(fakes.ports);
	session.draft.load(recipe);
	return { session, fakes };
}

/** Waits until a condition holds, one turn of the event loop at a time. */
async function until(condition: () => boolean): Promise<void> {
	for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve));
	expect(condition()).toBe(true);
}

/** A run that ended in training after the checkpoint of step 8 of 12, in a store. */
async function stoppedAt8(): Promise<FakeStore> {
	const training = { ...SMALL.training, steps: 12, checkpointEvery: 4, evaluateEvery: 0 };
	const { session, fakes } = open(createFakes(), { ...SMALL, training });
	fakes.compute.failAt = 10;
	await session.startRun();
	expect(session.steps.adapter.checkpoints).toEqual([4, 8]);
	return fakes.store;
}

/** Makes the store fail to read these checkpoints. */
function damage(store: FakeStore, steps: readonly number[], error: Error = broken()): void {
	const read = store.readCheckpoint.bind(store);
	store.readCheckpoint = (id, step) => (steps.includes(step) ? Promise.reject(error) : read(id, step));
}

const broken = (): FormatError =>
	new FormatError('The checkpoint of step 8 cannot be read.', { code: 'checkpoint-invalid' });

describe('a checkpoint that cannot be read', () => {
	it('is left out: the run opens, and resumes from the one before', async () => {
		const store = await stoppedAt8();
		damage(store, [8]);
		const { session, fakes } = open(createFakes(store));
		await session.open('run-1');
		expect(session.run.id).toBe('run-1');
		expect(session.steps.adapter.checkpoints).toEqual([4]);
		expect(session.steps.adapter.norms?.step).toBe(4);
		expect(checkpointNote(session.steps.adapter)).toBe(
			'The checkpoint of step 8 cannot be read. The checkpoint of step 4 takes its place.',
		);
		const pairs = session.steps.pair.pairs.map(({ id }) => id);
		await session.resume();
		expect(session.run.failure).toBeNull();
		expect(session.run.player.transport).toBe('done');
		expect(fakes.compute.jobs[0]?.resume?.step).toBe(4);
		expect(fakes.compute.jobs[0]?.pairs.map(({ id }) => id)).toEqual(pairs);
		expect(session.steps.adapter.checkpoints).toEqual([4, 8, 12]);
		expect(checkpointNote(session.steps.adapter)).toBeNull();
	});

	it('is missing: the same', async () => {
		const store = await stoppedAt8();
		store.checkpoints.delete('run-1/8');
		const { session, fakes } = open(createFakes(store));
		await session.open('run-1');
		expect(checkpointNote(session.steps.adapter)).toMatch(/step 8 is missing.*step 4 takes its place/);
		await session.resume();
		expect(fakes.compute.jobs[0]?.resume?.step).toBe(4);
		expect(session.run.player.transport).toBe('done');
	});

	it('if all are: training starts again with the same pairs, answers and revisions', async () => {
		const store = await stoppedAt8();
		const before = store.runs.get('run-1');
		damage(store, [4, 8]);
		const { session, fakes } = open(createFakes(store));
		await session.open('run-1');
		expect(session.steps.adapter.norms).toBeNull();
		expect(checkpointNote(session.steps.adapter)).toContain('starts again from step 0 with the same pairs');
		await session.resume();
		expect(session.run.player.transport).toBe('done');
		expect(fakes.compute.jobs[0]?.resume).toBeNull();
		expect(fakes.compute.jobs[0]?.pairs).toEqual(before?.pairs);
		expect(fakes.target.asked).toEqual([]);
		expect(fakes.reviser.asked).toBe(0);
	});

	it('is named again in the next visit, until training made it again', async () => {
		const store = await stoppedAt8();
		damage(store, [8]);
		const first = open(createFakes(store));
		await first.session.open('run-1');
		await first.session.run.save();
		const second = open(createFakes(store));
		await second.session.open('run-1');
		expect(second.session.steps.adapter.damaged.map(({ step }) => step)).toEqual([8]);
	});

	it('because the store itself fails: the run opens, and no training is thrown away', async () => {
		const store = await stoppedAt8();
		damage(
			store,
			[4, 8],
			new StorageError('The browser refused.', { code: 'storage-failed', hint: 'Reload.' }),
		);
		const { session } = open(createFakes(store));
		await session.open('run-1');
		expect(checkpointNote(session.steps.adapter)).toBe('The browser refused. Reload.');
		await session.resume();
		expect(session.run.failure?.error.code).toBe('storage-failed');
		expect(session.steps.adapter.checkpoints).toEqual([4, 8]);
	});
});

describe('a damaged run in the store', () => {
	it('hides none of the others, and says why it cannot be opened', async () => {
		const store = new FakeStore();
		for (const id of ['a', 'b']) await store.write(runRecord(id));
		store.broken = [{ id: 'x', name: 'Old', reason: 'Old is damaged: its text is cut off.', bytes: 3 }];
		const read = store.read.bind(store);
		const error = new FormatError('Run a is damaged: phase is not usable.', { code: 'run-damaged' });
		store.read = (id) => (id === 'a' ? Promise.reject(error) : read(id));
		const { session } = open(createFakes(store));
		await session.start();
		expect(session.library.runs.map(({ id }) => id)).toEqual(['b']);
		expect(session.library.damaged.map(({ id, reason }) => [id, reason])).toEqual([
			['x', 'Old is damaged: its text is cut off.'],
			['a', 'Run a is damaged: phase is not usable.'],
		]);
		expect(session.library.error).toBeNull();
		expect(await session.library.readText('a')).toContain('"Run a"');
		await session.open('a');
		expect(session.fresh).toBe(true);
		expect(session.library.error?.code).toBe('run-damaged');
		await session.library.remove('a');
		await session.library.remove('x');
		expect(session.library.damaged).toEqual([]);
	});

	it('is no reason for the start to fail', async () => {
		const store = new FakeStore();
		store.survey = () => Promise.reject(new StorageError('Blocked.', { code: 'storage-blocked' }));
		store.sweep = () => Promise.reject(new StorageError('Blocked.', { code: 'storage-blocked' }));
		const { session } = open(createFakes(store));
		await session.start();
		expect(session.library.error?.code).toBe('storage-blocked');
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
	});
});

describe('a store that refuses', () => {
	const quota = new StorageError('The space is used up.', { code: 'storage-quota' });

	it('ends no run: every checkpoint stays in memory, and is stored when there is room', async () => {
		const fakes = createFakes();
		fakes.store.error = quota;
		const training = { ...SMALL.training, steps: 24, checkpointEvery: 2, evaluateEvery: 0 };
		const { session } = open(fakes, { ...SMALL, training });
		await session.startRun();
		expect(session.run.player.transport).toBe('done');
		expect(session.run.unsaved?.code).toBe('storage-quota');
		const { adapter } = session.steps;
		expect(adapter.checkpoints).toHaveLength(12);
		for (const step of adapter.checkpoints) expect((await adapter.read(step))?.step).toBe(step);
		fakes.store.error = null;
		await fakes.store.remove('another');
		await until(() => session.run.unsaved === null);
		expect(fakes.store.runs.get('run-1')).toMatchObject({
			phase: 'done',
			checkpoints: adapter.checkpoints,
		});
		expect((await fakes.store.readCheckpoint('run-1', 24))?.state?.step).toBe(24);
	});
});

it('a run file whose checkpoint the store refuses opens, and is stored without it', async () => {
	const { adapter } = checkpointOf(20);
	const bytes = await writeRunFile({ record: runRecord('a'), adapters: [adapter] });
	const fakes = createFakes();
	fakes.store.writeCheckpoint = () =>
		Promise.reject(new StorageError('The space is used up.', { code: 'storage-quota' }));
	const { session } = open(fakes);
	await session.openFile('a.run.json.gz', bytes);
	expect(session.files.error?.code).toBe('storage-quota');
	expect(fakes.store.runs.get('run-1')).toMatchObject({ checkpoints: [], edition: 1 });
	expect((await session.steps.adapter.read(20))?.step).toBe(20);
	// The next write is no copy.
	await session.run.save();
	expect([...fakes.store.runs.keys()]).toEqual(['run-1']);
	expect(session.run.unsaved).toBeNull();
});

it.each([
	['a file that the browser cannot read', 3, /x\.gz cannot be read: the browser gets no bytes of it/],
	['a file of 5 GB', 5e9, /x\.gz cannot be opened as a run: it has 5000 MB, and a run has at most 70 MB/],
])('%s is refused with its name', async (_name, size, message) => {
	const { session } = open();
	const arrayBuffer = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
	await session.openChosen({ name: 'x.gz', size, arrayBuffer });
	expect(session.files.error?.message).toMatch(message);
	expect(session.fresh).toBe(true);
});

describe('a copy of an overtaken run', () => {
	async function overtaken() {
		const store = new FakeStore();
		const first = open(createFakes(store));
		await first.session.startRun();
		const second = open(createFakes(store));
		await second.session.open('run-1');
		let ids = 0;
		second.fakes.ports.newId = () => `copy-${++ids}`;
		await first.session.run.save();
		return { store, run: second.session.run };
	}

	it('that the store has no room for leaves nothing behind, and is tried under one id', async () => {
		const { store, run } = await overtaken();
		store.error = new StorageError('The space is used up.', { code: 'storage-quota' });
		const write = store.write.bind(store);
		// The edition is checked before the space.
		store.write = (record) => {
			if (record.id !== 'run-1') return write(record);
			const { error } = store;
			store.error = null;
			return write(record).finally(() => void (store.error = error));
		};
		await run.save();
		await run.save();
		expect(run.unsaved?.code).toBe('storage-quota');
		expect([...store.checkpoints.keys()].filter((key) => key.startsWith('copy'))).toEqual([]);
		store.error = null;
		await run.save();
		expect(run).toMatchObject({ id: 'copy-1', unsaved: null });
		expect([...store.runs.keys()]).toEqual(['run-1', 'copy-1']);
	});

	it('keeps the checkpoints that the store takes, the latest first, and lists only those', async () => {
		const { store, run } = await overtaken();
		const write = store.writeCheckpoint.bind(store);
		store.writeCheckpoint = (id, adapter, state) =>
			adapter.step === 4
				? Promise.reject(new StorageError('The space is used up.', { code: 'storage-quota' }))
				: write(id, adapter, state);
		await run.save();
		expect(store.runs.get('copy-1')?.checkpoints).toEqual([8]);
		expect(run.unsaved?.code).toBe('storage-quota');
		expect(run.id).toBe('copy-1');
	});

	it('is made without a damaged checkpoint', async () => {
		const { store, run } = await overtaken();
		damage(store, [8]);
		await run.save();
		expect(store.runs.get('copy-1')?.checkpoints).toEqual([4]);
		expect(run.unsaved).toBeNull();
	});
});

describe('a run that another tab deletes', () => {
	async function deleted() {
		const store = new FakeStore();
		const first = open(createFakes(store));
		await first.session.startRun();
		const second = open(createFakes(store));
		await second.session.start();
		await second.session.library.remove('run-1');
		return { store, first: first.session };
	}

	it('is not stored again by the tab that shows it, but on request', async () => {
		const { store, first } = await deleted();
		expect(first.library.runs).toEqual([]);
		first.steps.revision.setAside(first.steps.revision.rows[0]?.id ?? '');
		await first.run.save();
		expect([...store.runs.keys()]).toEqual([]);
		expect([...store.checkpoints.keys()]).toEqual([]);
		expect(first.run.unsaved?.code).toBe('run-deleted');
		await first.run.autosave.saveAgain();
		expect(first.run.unsaved).toBeNull();
		expect(store.runs.get('run-1')).toMatchObject({ checkpoints: [4, 8], edition: 2 });
		expect((await store.readCheckpoint('run-1', 8))?.state?.step).toBe(8);
		await first.run.save();
		expect(store.runs.get('run-1')?.edition).toBe(3);
	});

	it('and no message of it arrives: the next write finds out', async () => {
		const store = new FakeStore();
		const { session } = open(createFakes(store));
		await session.startRun();
		store.runs.clear();
		await session.run.save();
		expect(store.runs.size).toBe(0);
		expect(session.run.unsaved?.code).toBe('run-deleted');
	});

	it('while a tab works on it, is not deleted', async () => {
		const store = new FakeStore();
		const { session } = open(createFakes(store));
		await session.startRun();
		const other = createFakes(store);
		other.ports.locks = { ...other.ports.locks, held: () => Promise.resolve(new Set(['run-1'])) };
		const second = open(other).session;
		await second.start();
		await second.library.remove('run-1');
		expect(second.library.error?.code).toBe('run-elsewhere');
		expect(store.runs.has('run-1')).toBe(true);
	});
});
