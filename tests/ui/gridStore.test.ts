/** Grids of runs in the browser's own database. */
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readGrid } from '#core/grid/grid.ts';
import type { RunOutcome } from '#core/grid/outcome.ts';
import type { StoredGrid } from '#core/grid/stored.ts';
import { BrowserGridStore } from '#runtime/storage/gridStore.ts';
import { BrowserRunStore } from '#runtime/storage/runStore.ts';
import { deleteDatabase, failure } from '#tests/support/browserStorage.ts';
import { runRecord } from '#tests/support/runs.ts';

const NAME = 'test-grids';
const TIME = '2026-11-30T10:00:00.000Z';

function storedGrid(id: string): StoredGrid {
	return {
		...{ schema: 1, id, edition: 0, createdAt: TIME, changedAt: TIME, state: 'running' },
		grid: readGrid({ schema: 1, name: `Grid ${id}`, vary: { beta: [0.1, 1] } }),
		started: [{ key: 'beta_1.seed1', run: 'r1', stopped: false, reused: ['outputs'] }],
		...{ cells: 2, runs: 2, done: 1 },
	};
}

function failedOutcome(key: string): RunOutcome {
	const error = { code: 'non-finite', message: 'The loss is not a number.', hint: '' };
	return { key, cell: key, seed: 1, identity: 'x', figures: null, error, madeWith: null };
}

let store: BrowserGridStore;
beforeEach(async () => {
	await deleteDatabase(NAME);
	store = new BrowserGridStore(NAME);
});
afterEach(() => store.close());

test('a grid and its outcomes are read back as they were written, and deleted together', async () => {
	expect(await store.write(storedGrid('a'))).toBe(1);
	await store.write(storedGrid('ab'));
	for (const key of ['one', 'two', 'ÿ']) await store.writeOutcome('a', failedOutcome(key));
	await store.writeOutcome('ab', failedOutcome('one'));
	expect(await store.read('a')).toEqual({ ...storedGrid('a'), edition: 1 });
	expect(await store.outcomes('a')).toEqual(['one', 'two', 'ÿ'].map(failedOutcome));
	expect(await failure(store.write(storedGrid('a')))).toMatchObject({ code: 'grid-overtaken' });
	await store.remove('a');
	expect(await store.read('a')).toBeNull();
	expect(await store.outcomes('a')).toEqual([]);
	expect(await store.outcomes('ab')).toHaveLength(1);
	expect(await failure(store.write({ ...storedGrid('a'), edition: 1 }))).toMatchObject({
		code: 'grid-deleted',
	});
	expect(await failure(store.writeOutcome('a', failedOutcome('one')))).toMatchObject({
		code: 'grid-deleted',
	});
});

test('a damaged grid or outcome hides none of the others', async () => {
	await store.write(storedGrid('a'));
	await store.write(storedGrid('b'));
	await store.writeOutcome('a', failedOutcome('one'));
	await store.writeOutcome('a', failedOutcome('two'));
	await store.close();
	const database = await openDB(NAME);
	await database.put('grids', { id: 'b', text: '{', edition: 1 });
	await database.put('gridOutcomes', { gridId: 'a', run: 'two', text: 'null' });
	database.close();
	const { grids, damaged } = await store.survey();
	expect(grids).toMatchObject([{ id: 'a', name: 'Grid a', state: 'running', runIds: ['r1'], done: 1 }]);
	expect(damaged).toMatchObject([{ id: 'b' }]);
	expect(await failure(store.read('b'))).toMatchObject({ code: 'grid-damaged' });
	expect(await store.outcomes('a')).toEqual([failedOutcome('one')]);
});

test('a database of the version before grids keeps its runs', async () => {
	const old = await openDB(NAME, 3, {
		upgrade(database) {
			for (const name of ['runs', 'summaries', 'sets', 'setSummaries'])
				database.createObjectStore(name, { keyPath: 'id' });
			database.createObjectStore('checkpoints', { keyPath: ['runId', 'step'] });
			database.createObjectStore('blobs');
		},
	});
	await old.put('runs', { id: 'a', text: JSON.stringify(runRecord('a')) });
	old.close();
	await store.write(storedGrid('a'));
	const runs = new BrowserRunStore({ name: NAME, blobs: 'database' });
	expect((await runs.survey()).runs).toMatchObject([{ id: 'a' }]);
	await runs.close();
});
