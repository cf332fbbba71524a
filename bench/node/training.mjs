// A training step on one workload by several engines: opens them, measures them in turns, and formats the
// table.
import { join } from 'node:path';
import { ROOT } from '../../scripts/install.mjs';
import { present } from './rounds.mjs';
import { median, pairedRatio, spread } from './stats.mjs';
import { inSeconds, inSpread, table, times } from './table.mjs';
import { findPython, TORCH_SCRIPT } from './torch.mjs';
import { openTorchPeer, TorchMissing } from './torchPeer.mjs';

/** @typedef {import('./context.mjs').Context} Context */
/** @typedef {import('./rounds.mjs').Measured} Measured */
/** @typedef {import('./rounds.mjs').Contender} Contender */
/** @typedef {import('../page/page.ts').EngineName} EngineName */

/** @type {Record<EngineName | 'torch', string>} */
export const TITLES = {
	ours: 'Anchorage, tfjs webgpu',
	jaxWebgpu: 'jax-js webgpu',
	tfjsStock: 'tfjs webgpu, stock ops',
	oursWasm: 'Anchorage, tfjs wasm',
	jaxWasm: 'jax-js wasm',
	tfjsWasm: 'tfjs wasm, stock ops',
	torch: 'torch + PEFT, 2 threads',
};

/**
 * @param {Context} context
 * @param {import('../page/page.ts').WorkloadName} workload
 * @param {readonly EngineName[]} engines
 * @param {Partial<Record<EngineName, number>>} [every] takes part only in every n-th round
 * @returns {Promise<{ contenders: Contender[], withoutTorch: string | null }>} `withoutTorch`: the reason if
 *   torch is missing
 */
export async function openContenders(context, workload, engines, every = {}) {
	/** @type {Contender[]} */
	const contenders = [];
	for (const key of engines) {
		context.say(`opening ${TITLES[key]}`);
		const engine = await context.openEngine({ engine: key, workload });
		contenders.push({ key, title: TITLES[key], engine, every: every[key] ?? 1 });
	}
	const withoutTorch = await addTorch(context, workload, contenders);
	return { contenders, withoutTorch };
}

/** @param {Context} context @param {import('../page/page.ts').WorkloadName} workload @param {Contender[]} contenders */
async function addTorch(context, workload, contenders) {
	if (!context.options.torch) return 'torch + PEFT was left out (`--no-torch`).';
	const folder = join(ROOT, '.cache', 'bench', workload);
	const { nodeWorkload } = await import('../workloads/nodeWorkloads.ts');
	const { exportWorkload } = await import('../workloads/exportWorkload.ts');
	await exportWorkload(await nodeWorkload(workload, ROOT), folder);
	try {
		context.say(`opening ${TITLES.torch}`);
		const python = await findPython(context.resources, context.say);
		const engine = await openTorchPeer(context.resources, { python, script: TORCH_SCRIPT, folder });
		context.madeWith(engine.versions);
		contenders.push({ key: 'torch', title: TITLES.torch, engine });
		return null;
	} catch (error) {
		if (!(error instanceof TorchMissing)) throw error;
		context.say(`continuing without torch: ${error.message}`);
		return `torch + PEFT could not be had here: ${error.message}`;
	}
}

/** The engine to compare with: engines on the processor with ours on the processor. @param {string} key */
const baseOf = (key) => (key === 'torch' || key.endsWith('Wasm') ? 'oursWasm' : 'ours');

/**
 * Ratio of an engine's time to ours.
 *
 * @param {Record<string, Measured>} measured
 * @param {string} key
 * @param {'wall' | 'cpu'} what
 * @param {string} [base]
 */
export function ofOurs(measured, key, what, base = baseOf(key)) {
	return pairedRatio(measured[key]?.[what] ?? [], measured[base]?.[what] ?? []);
}

/** Seconds of wall time and CPU per step, for the line of JSON. @param {Record<string, Measured>} measured */
export function secondsOf(measured) {
	return Object.fromEntries(
		Object.entries(measured).map(([key, { wall, cpu }]) => [
			key,
			{ wall: median(present(wall)), cpu: median(present(cpu)) },
		]),
	);
}

/**
 * @param {Record<string, Measured>} measured
 * @param {{ head: string, cell: (measured: Measured) => string }} last the table's additional last column
 */
export function trainingTable(measured, last) {
	const head = [
		'engine',
		's per step (median)',
		'spread',
		'CPU-s per step',
		'compared with',
		'wall',
		'CPU',
		'steps',
		last.head,
	];
	const rows = Object.entries(measured).map(([key, it]) => [
		it.title,
		inSeconds(median(present(it.wall))),
		inSpread(spread(present(it.wall))),
		inSeconds(median(present(it.cpu))),
		baseOf(key) === 'ours' ? 'ours, webgpu' : 'ours, wasm',
		times(ofOurs(measured, key, 'wall')),
		times(ofOurs(measured, key, 'cpu')),
		String(present(it.wall).length),
		last.cell(it),
	]);
	return table(head, rows);
}
