import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readGrid } from '#core/grid/grid.ts';
import { readGridLine } from '#core/grid/line.ts';
import { gridRuns, planSharing } from '#core/grid/runs.ts';
import type { RunFigures, RunOutcome } from '#core/grid/outcome.ts';
import { GridFolder } from '../../../scripts/ablate/folder.mjs';
import { gridOf } from '../../../scripts/ablate/grid-file.mjs';
import { duration, plannedLine } from '../../../scripts/ablate/words.mjs';

const [run, other] = gridRuns(readGrid(readGridLine('beta: 0.1, 1; seed: 1')));
let place: string;

beforeEach(() => void (place = mkdtempSync(join(tmpdir(), 'grid-'))));
afterEach(() => rmSync(place, { recursive: true }));

function outcome(figures: RunFigures | null): RunOutcome {
	const { key, cell, seed, identity } = run!;
	return { key, cell, seed, identity, figures, error: null, madeWith: null };
}

test('keeps outcomes and run files, and knows them again', () => {
	const folder = new GridFolder(join(place, 'new', 'out'), false);
	expect(folder.outcome(run!)).toBeNull();
	const done = outcome({ steps: 3 } as RunFigures);
	folder.keepOutcome(done);
	folder.keepRun(run!.key, Buffer.from('run').toString('base64'));
	folder.keepResults({ 'results.csv': 'a' });
	const again = new GridFolder(folder.path, true);
	expect(again.outcome(run!)).toEqual(done);
	expect(Buffer.from(again.runFile(run!.key)!, 'base64').toString()).toBe('run');
	expect(again.outcome(other!)).toBeNull();
	expect(again.runFile(other!.key)).toBeNull();
	expect(readdirSync(folder.path).sort()).toEqual(['results.csv', 'runs']);
});

test('knows the run of the profile that goes on, until it is done or the grid changes', () => {
	const folder = new GridFolder(place, false);
	expect(folder.started(run!)).toBeNull();
	const stored = { id: 'a', reused: ['outputs'] as const };
	folder.keepStarted(run!, stored);
	expect(new GridFolder(place, true).started(run!)).toEqual(stored);
	expect(folder.started({ ...run!, identity: 'another' })).toBeNull();
	folder.keepOutcome(outcome(null));
	expect(folder.started(run!)).toEqual(stored);
	folder.keepOutcome(outcome({ steps: 3 } as RunFigures));
	expect(folder.started(run!)).toBeNull();
	expect(readdirSync(join(place, 'runs'))).toEqual([`${run!.key}.json`]);
});

test('runs again what failed, what changed, and what was cut off while it was written', () => {
	const folder = new GridFolder(place, false);
	folder.keepOutcome(outcome(null));
	expect(folder.outcome(run!)).toBeNull();
	folder.keepOutcome(outcome({ steps: 3 } as RunFigures));
	expect(folder.outcome({ ...run!, identity: 'another' })).toBeNull();
	const file = join(place, 'runs', `${run!.key}.json`);
	writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20));
	expect(folder.outcome(run!)).toBeNull();
});

test('refuses a folder with runs unless the grid goes on', () => {
	new GridFolder(place, false).keepOutcome(outcome(null));
	expect(() => new GridFolder(place, false)).toThrow(
		expect.objectContaining({ hint: expect.stringContaining('--resume') as string }),
	);
});

test('a grid of the command line is a line or a file, and what is neither is named', () => {
	expect(gridOf('beta: 0.1, 1').vary).toHaveLength(1);
	expect(gridOf('docs/grids/lab.json').cells).toHaveLength(18);
	expect(() => gridOf('missing.json')).toThrow('There is no file missing.json.');
	expect(() => gridOf(undefined)).toThrow('Name a grid');
});

test.each([
	[40, '40 s'],
	[180, '3 min'],
	[7500, '2 h 5 min'],
])('%d seconds are %s', (seconds, words) => {
	expect(duration(seconds)).toBe(words);
});

test('a planned run says from which runs it takes work', () => {
	const lines = planSharing(gridRuns(readGrid(readGridLine('beta: 0.1, 1; seed: 1')))).map(plannedLine);
	expect(lines).toEqual([
		'beta 0.1, seed 1',
		expect.stringMatching(/^beta 1, seed 1; outputs from beta_0\.1\.seed1/),
	]);
});
