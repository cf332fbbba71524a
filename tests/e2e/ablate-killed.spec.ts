/**
 * `npm run ablate` killed in mid-run, twice, and resumed, against the same grid uncut. The first kill is while answers are revised,
 * the second while runs train.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { readGrid } from '../../src/core/grid/grid.ts';
import { readGridLine } from '../../src/core/grid/line.ts';
import { gridRuns } from '../../src/core/grid/runs.ts';
import { readRunFile, type ReadRun } from '../../src/core/run/runFile.ts';
import { computed } from '../support/computed.ts';

const LINE =
	'prompts.count: 60; sampling.maxTokens: 24; steps: 120; batchPairs: 2; checkpointEvery: 5; training.evaluateEvery: 40; evaluation.count: 4; evaluation.maxTokens: 8; seed: 3, 4';
const RUNS = gridRuns(readGrid(readGridLine(LINE)));
/** Both runs have their answers. */
const HAS_ANSWERS = /^(?=[^]*seed 3 · (revising|training))(?=[^]*seed 4 · (revising|training))/;
/** A checkpoint is stored, and the work since then is done again. */
const TRAINS = /training · step ([6-9]|\d\d+) of 120/;

test.use({ launchOptions: {} });

let folder: string;
test.beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ablate-'))));
test.afterEach(() => rmSync(folder, { recursive: true, maxRetries: 3 }));

interface Ended {
	/** Null after a kill. */
	code: number | null;
	said: string;
}

/** Runs the grid with two runs at once, each in a page of its own, and kills the script when it says `until`. */
function ablate(out: string, options: readonly string[], until?: RegExp): Promise<Ended> {
	const script = spawn(
		process.execPath,
		['scripts/ablate.mjs', LINE, '--no-webgpu', '--no-credit', '--at-once', '2', '--out', out, ...options],
		{ stdio: ['ignore', 'ignore', 'pipe'] },
	);
	let said = '';
	script.stderr.on('data', (part: Buffer) => {
		said += String(part);
		if (until?.test(said) === true) script.kill('SIGKILL');
	});
	return new Promise((resolve) => script.on('close', (code) => resolve({ code, said })));
}

function runsIn(out: string): Promise<readonly ReadRun[]> {
	return Promise.all(
		RUNS.map(({ key }) =>
			readRunFile(new Uint8Array(readFileSync(join(out, 'runs', `${key}.run.json.gz`))), key),
		),
	);
}

test('a command that was killed in mid-run goes on with the step, and ends as if it had not been cut, to the digit', async () => {
	const [cut, whole] = [join(folder, 'cut'), join(folder, 'whole')];
	const revising = await ablate(cut, [], HAS_ANSWERS);
	expect(revising.code, revising.said).toBeNull();
	const firstKill = new Date().toISOString();
	const training = await ablate(cut, ['--resume'], TRAINS);
	expect(training.code, training.said).toBeNull();
	const ended = await ablate(cut, ['--resume']);
	expect(ended.code, ended.said).toBe(0);
	expect(existsSync(join(cut, 'browser'))).toBe(false);

	const resumed = await runsIn(cut);
	expect(resumed.map(({ record }) => record.createdAt < firstKill)).toEqual([true, true]);
	const uncut = await ablate(whole, []);
	expect(uncut.code, uncut.said).toBe(0);
	const runs = await runsIn(whole);
	expect(runs.map(({ record }) => record.metrics.length)).toEqual([120, 120]);
	expect(resumed.map(computed)).toEqual(runs.map(computed));
});
