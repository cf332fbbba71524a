// The part `ablate`: runs an hour of the default recipe in a grid, against the same runs one after the other by `npm run loop`, and
// against torch + PEFT with the same cells. All of them run on the processor.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGrid } from '../../src/core/grid/grid.ts';
import { gridRuns } from '../../src/core/grid/runs.ts';
import { ROOT } from '../../scripts/install.mjs';
import { Stopped } from '../node/resources.mjs';
import { mean } from '../../src/core/evaluation/intervals.ts';
import { AIM_HEAD, aimRow, table, times } from '../node/table.mjs';
import { findPython } from '../node/torch.mjs';
import { openTorchPeer, TorchMissing } from '../node/torchPeer.mjs';

/** @typedef {import('../node/context.mjs').Context} Context */
/** @typedef {import('../../src/core/grid/runs.ts').GridRun} GridRun */

const GRID = {
	schema: 1,
	name: 'Benchmark',
	vary: { objective: ['apo_zero', 'dpo'], beta: [0.5, 1, 2], seed: [1, 2] },
};
const AIM = 3;
/** Runs alone before the grid, and as many after it, so that a change of the machine's load affects both: one of each cell. */
const ALONE = 3;
const FOLDER = join(ROOT, '.cache', 'bench', 'ablate');
const TORCH_CELLS = join(ROOT, 'bench', 'torch', 'cells.py');
const HOW =
	'The default recipe on the embedded model, two objectives with three β and two seeds each, without WebGPU. “Alone”: `npm run loop` for ' +
	'one run of each cell, from the start of the script to its end, half of them before the grid and half after it. “In a grid”: `npm run ' +
	'ablate` with all twelve, as many at once as it chooses. The page is built beforehand, and token credit is not measured. “torch + ' +
	'PEFT”: a script that samples, evaluates before, during and after training, and trains 100 steps per cell in one process with two ' +
	'threads (`bench/torch/cells.py`); it asks no reviser and scores no answer. Its pairs are those of the part `recipe`. Seconds per run ' +
	'are means.';

/** @type {import('../node/context.mjs').Part} */
export const ablate = {
	id: 'ablate',
	title: 'Runs an hour in a grid',
	async run(context) {
		rmSync(FOLDER, { recursive: true, force: true });
		mkdirSync(FOLDER, { recursive: true });
		const grid = join(FOLDER, 'grid.json');
		writeFileSync(grid, JSON.stringify(GRID));
		const runs = gridRuns(readGrid(GRID));
		context.say('building the page');
		await script(context, 'ablate.mjs', [grid, '--plan', '--no-webgpu']);
		const each = context.options.steps ?? ALONE;
		const before = await alone(context, runs.slice(0, each));
		context.say(`a grid of ${runs.length} runs`);
		const seconds = await script(context, 'ablate.mjs', [
			...[grid, '--no-webgpu', '--no-credit'],
			...['--out', join(FOLDER, 'runs')],
		]);
		const after = await alone(context, runs.slice(-each));
		const { torch, without } = await torchCells(context);
		const perRun = { alone: mean([...before, ...after]), grid: seconds / runs.length, torch };
		return {
			text: [context.heading(this.title, HOW), rates(perRun), without, aims(perRun)]
				.filter(Boolean)
				.join('\n\n'),
			numbers: { ablate: { secondsPerRun: perRun, alone: [...before, ...after] } },
		};
	},
};

/** @param {Context} context @param {readonly GridRun[]} runs @returns {Promise<number[]>} seconds of each */
async function alone(context, runs) {
	const seconds = [];
	for (const { key, recipe } of runs) {
		const file = join(FOLDER, `${key}.json`);
		writeFileSync(file, JSON.stringify(recipe));
		context.say(`alone: ${key}`);
		seconds.push(await script(context, 'loop.mjs', [file, '--no-webgpu']));
	}
	return seconds;
}

/**
 * @param {Context} context
 * @returns {Promise<{ torch: number, without: string }>} mean seconds of a cell; `without` says why torch is missing
 */
async function torchCells(context) {
	if (!context.options.torch) return { torch: NaN, without: 'torch + PEFT was left out (`--no-torch`).' };
	const { nodeCell } = await import('../workloads/nodeWorkloads.ts');
	const { exportWorkload } = await import('../workloads/exportWorkload.ts');
	const folder = join(FOLDER, 'torch');
	const { workload, prompts } = await nodeCell(ROOT);
	await exportWorkload(workload, folder);
	writeFileSync(join(folder, 'cells.json'), JSON.stringify(prompts));
	try {
		const python = await findPython(context.resources, context.say);
		const peer = await openTorchPeer(context.resources, { python, script: TORCH_CELLS, folder });
		context.madeWith(peer.versions);
		const totals = [];
		for (const objective of GRID.vary.objective) {
			context.say(`torch + PEFT: ${objective}`);
			const { total, error } = await peer.ask(`cell ${objective}`);
			if (error !== undefined) throw new Error(`torch + PEFT ended: ${error}`);
			totals.push(total);
		}
		return { torch: mean(totals), without: '' };
	} catch (error) {
		if (!(error instanceof TorchMissing)) throw error;
		return { torch: NaN, without: `torch + PEFT could not be had here: ${error.message}` };
	}
}

/** Runs a script of the project to its end. @param {Context} context @param {string} name @param {readonly string[]} args */
async function script(context, name, args) {
	const begin = performance.now();
	const child = spawn(process.execPath, [join(ROOT, 'scripts', name), ...args], {
		cwd: ROOT,
		stdio: ['ignore', 'ignore', 'pipe'],
		env: { ...process.env, ANCHORAGE_DIST: join(FOLDER, '..', 'ablate-page') },
	});
	await context.resources.add(child, (it) => it.kill());
	let last = '';
	child.stderr.setEncoding('utf8').on('data', (text) => (last = text.trim().split('\n').at(-1) ?? last));
	const code = await new Promise((resolve) => child.on('exit', resolve));
	if (context.closed) throw new Stopped();
	if (code !== 0) throw new Error(`${name} ended with ${code}: ${last}`);
	return (performance.now() - begin) / 1000;
}

/** @param {{ alone: number, grid: number, torch: number }} perRun */
function rates({ alone: single, grid, torch }) {
	/** @type {readonly (readonly [string, number])[]} */
	const ways = [
		['one after the other (`npm run loop`)', single],
		['in a grid (`npm run ablate`)', grid],
		['torch + PEFT, 2 threads', torch],
	];
	return table(
		['way', 's per run', 'runs an hour', 'against one after the other'],
		ways
			.filter(([, seconds]) => !Number.isNaN(seconds))
			.map(([way, seconds]) => [
				way,
				seconds.toFixed(1),
				(3600 / seconds).toFixed(0),
				times(single / seconds),
			]),
	);
}

/** @param {{ alone: number, grid: number, torch: number }} perRun */
function aims({ alone: single, grid, torch }) {
	const ratio = single / grid;
	return table(AIM_HEAD, [
		aimRow('runs an hour in a grid, against one after the other', `≥ ${AIM}×`, times(ratio), ratio >= AIM),
		aimRow('runs an hour in a grid, against torch + PEFT', 'none', times(torch / grid), null),
	]);
}
