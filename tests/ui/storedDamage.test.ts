/** Damaged records, and runs that another tab deletes, in real Chromium. */
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrowserRunStore } from '#runtime/storage/runStore.ts';
import { blockKeys, deleteDatabase, failure } from '#tests/support/browserStorage.ts';
import { checkpointOf, runRecord } from '#tests/support/runs.ts';

describe('a damaged record', () => {
	const name = 'test-damaged';
	const put = async (table: string, row: unknown): Promise<void> => {
		const database = await openDB(name);
		await database.put(table, row);
		database.close();
	};

	let store: BrowserRunStore;

	beforeEach(async () => {
		await deleteDatabase(name);
		store = new BrowserRunStore({ name });
		for (const id of ['a', 'b']) await store.write(runRecord(id));
	});
	afterEach(async () => {
		await store.close();
		await deleteDatabase(name);
	});

	test.each([
		['an empty object', '{}', /^Run a is damaged: \S+ is not usable/],
		['a list', '[]', /^Run a is damaged/],
		['null', 'null', /^Run a is damaged/],
		['a text that is cut off', '{"schema":2', /^Run a is damaged: .*JSON/],
		['an empty text', '', /^Run a is damaged: .*JSON/],
		[
			'an unknown phase',
			JSON.stringify({ ...runRecord('a'), phase: 'flying' }),
			/^Run a is damaged: phase is not usable/,
		],
		[
			'no recipe',
			JSON.stringify({ ...runRecord('a'), recipe: null }),
			/^Run a is damaged: recipe is not usable/,
		],
		[
			'a row that is a number',
			JSON.stringify({ ...runRecord('a'), outputs: [3] }),
			/^Run a is damaged: outputs\.0 is not usable/,
		],
	])('%s is refused with its place, and can be exported and deleted', async (_name, text, message) => {
		await put('runs', { id: 'a', text });
		expect((await store.survey()).runs.map(({ id }) => id)).toEqual(['a', 'b']);
		const error = await failure(store.read('a'));
		expect(error).toMatchObject({ kind: 'format', code: 'run-damaged' });
		expect(error.message).toMatch(message);
		expect(await store.readText('a')).toBe(text);
		expect(await store.read('b')).toMatchObject({ id: 'b' });
		await store.remove('a');
		expect((await store.survey()).runs.map(({ id }) => id)).toEqual(['b']);
	});

	test.each<[string, object]>([
		['empty', { id: 'a' }],
		['without a recipe', { id: 'a', name: 'Mine', createdAt: 'yesterday', edition: 1 }],
		['of other types', { id: 'a', name: 7, createdAt: null, recipe: [], phase: {}, bytes: 'x' }],
	])('and its row of the shelf, %s, hide none of the others', async (_name, row) => {
		await put('summaries', row);
		await put('runs', { id: 'a', text: '{}' });
		expect((await store.survey()).runs.map(({ id }) => id)).toEqual(['b']);
		const damaged = (await store.survey()).damaged;
		expect(damaged).toMatchObject([{ id: 'a', bytes: 2 }]);
		expect(damaged[0]?.reason).toMatch(/is damaged: .* is not usable/);
	});

	test('a row of the shelf that is damaged or missing is made again from its record', async () => {
		await put('summaries', { id: 'a', name: 'Mine', edition: 1 });
		const database = await openDB(name);
		await database.delete('summaries', 'b');
		database.close();
		expect((await store.survey()).damaged).toEqual([]);
		expect((await store.survey()).runs.map(({ id, name: shown, edition }) => [id, shown, edition])).toEqual([
			['a', 'Mine', 1],
			['b', 'Run b', 0],
		]);
		expect(await store.read('a')).toEqual({ ...runRecord('a'), name: 'Mine', edition: 1 });
	});

	test('a row of the shelf without a record is named', async () => {
		const database = await openDB(name);
		await database.delete('runs', 'a');
		database.close();
		expect((await store.survey()).damaged).toEqual([
			{ id: 'a', name: 'Run a', reason: 'Its record is missing.', bytes: 0 },
		]);
	});
});

/** A store in a thread of its own, as in another tab. */
async function otherTab(name: string) {
	const worker = new Worker(new URL('../support/otherTab.worker.ts', import.meta.url), {
		type: 'module',
		name,
	});
	const next = (): Promise<unknown> =>
		new Promise((resolve, reject) => {
			worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => resolve(data), { once: true });
			worker.addEventListener('error', (event) => reject(new Error(event.message)), { once: true });
		});
	expect(await next()).toBe('ready');
	return {
		ask: (what: 'remove' | 'write' | 'removed', id: string): Promise<unknown> => {
			const answer = next();
			worker.postMessage([what, id]);
			return answer;
		},
		end: () => worker.terminate(),
	};
}

describe('a run that another tab deletes', () => {
	const name = 'test-two-tabs';

	test('is announced here, and comes back from no tab', async () => {
		await deleteDatabase(name);
		const here = new BrowserRunStore({ name });
		const other = await otherTab(name);
		const edition = await here.write(runRecord('a'));
		await here.writeCheckpoint('a', checkpointOf(20).adapter, null);
		const removed: string[] = [];
		here.onRemoved((id) => removed.push(id));
		expect(await other.ask('remove', 'a')).toBe('done');
		await expect.poll(() => removed).toEqual(['a']);
		expect(await failure(here.write({ ...runRecord('a'), edition }))).toMatchObject({ code: 'run-deleted' });
		const { adapter, state } = checkpointOf(40);
		expect(await failure(here.writeCheckpoint('a', adapter, state))).toMatchObject({
			code: 'run-not-stored',
		});
		expect((await here.survey()).runs).toEqual([]);
		expect(await blockKeys(name, 'files')).toEqual([]);
		other.end();
		await here.close();
		await deleteDatabase(name);
	});

	test('here: the other tab hears of it, and its write of the older copy is refused', async () => {
		await deleteDatabase(name);
		const here = new BrowserRunStore({ name });
		const other = await otherTab(name);
		expect(await other.ask('write', 'b')).toBe(1);
		const heard = other.ask('removed', 'b');
		await here.remove('b');
		expect(await heard).toBe('b');
		expect(await other.ask('write', 'b')).toBe('run-deleted');
		expect((await here.survey()).runs).toEqual([]);
		other.end();
		await here.close();
		await deleteDatabase(name);
	});
});
