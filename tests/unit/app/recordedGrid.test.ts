/** Grids with results that were measured elsewhere: the recorded one, and files. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { PAPER_GRID as PAPER } from '#app/library/recordings.ts';
import { StorageError } from '#core/errors.ts';
import { readGridAndResults } from '#core/grid/file.ts';
import { RESULT_FILES } from '#core/grid/resultFiles.ts';
import { create, page } from '#tests/support/gridPage.ts';

const PACKED = new Uint8Array(readFileSync(`public/${PAPER.file}`));
const TEXT = gunzipSync(PACKED).toString();

const file = (text: string): File => new File([text], 'results.json');

test('the recorded grid opens with the figures of all its runs, and is stored', async () => {
	const made = await page({ recordedRun: () => Promise.resolve(PACKED) });
	const { grids } = made.session;
	await made.session.gridPlace.openRecorded(PAPER);
	const grid = grids.current;
	expect(grids.error).toBeNull();
	expect(grid).toMatchObject({ id: PAPER.id, name: PAPER.name, state: 'done', error: null });
	expect(grid?.runs.map(({ status }) => status)).toEqual(grid?.runs.map(() => 'done'));
	expect((await made.grids.survey()).grids).toMatchObject([{ id: PAPER.id, done: grid?.runs.length }]);
	expect(await made.grids.outcomes(PAPER.id)).toEqual(grid?.outcomes);
});

test('it is downloaded once: afterwards the browser has it, as the user left it', async () => {
	const made = await page({ recordedRun: () => Promise.resolve(PACKED) });
	await made.session.gridPlace.openRecorded(PAPER);
	await made.session.grids.current?.rename('Mine');
	const offline = await page({ grids: made.grids });
	await offline.session.gridPlace.open(PAPER.id);
	expect(offline.session.grids.current).toMatchObject({ id: PAPER.id, name: 'Mine', state: 'done' });
});

test('a server may let the browser unpack the recorded grid, and a person may bring one that is packed', async () => {
	const unpacked = await page({ recordedRun: () => Promise.resolve(new TextEncoder().encode(TEXT)) });
	await unpacked.session.gridPlace.openRecorded(PAPER);
	expect(unpacked.session.grids.current).toMatchObject({ id: PAPER.id, state: 'done' });
	const { session } = await page();
	await session.gridPlace.read(new File([PACKED], 'results.json.gz'));
	expect(session.grids.current).toMatchObject({ name: PAPER.name, state: 'done' });
});

test('without the file, the place that asked for the grid says why, until the next request', async () => {
	const { session } = await page();
	const { gridPlace } = session;
	await gridPlace.openRecorded(PAPER, 'recorded');
	expect([gridPlace.origin, gridPlace.problem?.code]).toEqual(['recorded', 'recorded-run-missing']);
	await gridPlace.read(file('no grid'));
	expect([gridPlace.origin, gridPlace.problem?.code]).toEqual(['draft', 'grid-file-not-json']);
	await gridPlace.openRecorded(PAPER);
	expect(gridPlace.origin).toBe('top');
	expect(session.grids.current).toBeNull();
	expect(session.grids.error).toMatchObject({ code: 'recorded-run-missing' });
	expect(session.gridPlace.opening).toBe(false);
});

test('a full store keeps nothing from being shown', async () => {
	const made = await page({ recordedRun: () => Promise.resolve(PACKED) });
	made.grids.error = new StorageError('The disk is full.', { code: 'storage-full', hint: '' });
	await made.session.gridPlace.openRecorded(PAPER);
	expect(made.session.grids.error).toMatchObject({ code: 'storage-full' });
	expect(made.session.grids.current?.state).toBe('done');
});

test('results that the page exports open on another page with the same outcomes', async () => {
	const first = await page();
	const grid = await create(first);
	await grid.start();
	const second = await page();
	await second.session.gridPlace.read(file(RESULT_FILES['results.json'](grid)));
	const read = second.session.grids.current;
	expect(read?.state).toBe('done');
	expect(read?.outcomes).toEqual(grid.outcomes);
	expect(read?.runs.map(({ runId }) => runId)).toEqual([null, null, null, null]);
});

test('damaged figures, and those of other settings, are counted, and their runs wait', async () => {
	const { grid, outcomes } = readGridAndResults('paper', new TextEncoder().encode(TEXT));
	const json = JSON.parse(TEXT) as { runs: unknown[] };
	const runs = [
		{ ...outcomes[0], figures: { steps: 'many' } },
		{ ...outcomes[1], identity: 'other' },
		...json.runs.slice(2),
	];
	const { session } = await page();
	await session.gridPlace.read(file(JSON.stringify({ ...json, runs })));
	const read = session.grids.current;
	expect(read?.name).toBe(grid.name);
	expect(read?.error?.message).toBe('The file’s figures of 2 runs cannot be used.');
	expect(read?.runs.slice(0, 3).map(({ status }) => status)).toEqual(['waiting', 'waiting', 'done']);
	expect(read?.state).toBe('paused');
});

test('results whose figures are all damaged are a grid to run, and say so', async () => {
	const { session } = await page();
	const json = JSON.parse(TEXT) as { runs: unknown[] };
	await session.gridPlace.read(file(JSON.stringify({ ...json, runs: [{}, {}] })));
	const read = session.grids.current;
	expect(read?.error?.message).toBe('The file’s figures of 2 runs cannot be used.');
	expect(read?.state).toBe('planned');
});

test('results of an earlier version have no settings, and say so', async () => {
	const { session } = await page();
	await session.gridPlace.read(file('{"schema":1,"name":"x","runs":[]}'));
	expect(session.gridPlace.readError).toMatchObject({ code: 'grid-results-old' });
	expect(session.grids.current).toBeNull();
});
