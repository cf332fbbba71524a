// The part `gpu`: our engine against torch + PEFT on this machine's GPU, in Node through Dawn. Prepares
// .cache/bench/gpu, a self-contained folder (bench/gpu/main.ts), and runs it.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from '../../scripts/install.mjs';
import { AIM_HEAD, aimRow, inMegabytes, table, times } from '../node/table.mjs';
import { findPython, TORCH_SCRIPT } from '../node/torch.mjs';
import { TorchMissing } from '../node/torchPeer.mjs';
import { versionLine } from '../node/versions.mjs';

/** @typedef {import('../node/context.mjs').Context} Context */
/** @typedef {import('../gpu/main.ts').GpuReport} GpuReport */
/** @typedef {import('../gpu/main.ts').GpuModelReport} GpuModelReport */

const FOLDER = join(ROOT, '.cache', 'bench', 'gpu');
const DAWN = join(ROOT, '.cache', 'dawn');
/** Dawn's library for this platform. */
const PLATFORM = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
/** @type {Record<string, string>} */
const TITLES = {
	ours: 'Anchorage, WebGPU through Dawn, fp32',
	half: 'Anchorage, weights and forward products in f16',
	torchFloat32: 'torch + PEFT, eager fp32',
	torchBfloat16: 'torch + PEFT, eager bf16 (autocast)',
};
const HOW =
	'Random weights at the shapes of published models, LoRA of rank 8 on all seven projections, 8 pairs of 26 + 52 tokens per ' +
	'side: 1,024 packed rows for ours, 16 × 78 padded ones for torch. One GPU; the engines take turns, and the losses of the ' +
	'first steps agree to 5e-4 in fp32. A round is a burst of eight steps, submitted as trainers do: each step is prepared ' +
	'while the previous one runs. The peak is measured (a loop of fused multiply-adds); the share of the peak counts the ' +
	'operations that the step needs, without recomputation. f16 is optional: it is measured after the others, alone, with a ' +
	'Dawn switch that enables it on NVIDIA’s Vulkan drivers (browsers offer it on D3D12 and Metal).';

/** @type {import('../node/context.mjs').Part} */
export const gpu = {
	id: 'gpu',
	title: 'On a GPU',
	async run(context) {
		const report = await reportOf(context);
		const problem = problemOf(report, context.options.software);
		if (problem !== null) return { text: problem, numbers: { gpu: null }, record: false };
		context.madeWith(report.versions);
		const software = report.adapter?.software === true;
		const body = [
			software ? '**A software adapter and tiny models, to try the code: no measurement.**' : '',
			`## ${this.title}`,
			`Measured ${report.date} on ${report.machine}. WebGPU adapter: ${report.adapter?.name ?? ''}, through Dawn.\n${versionLine(context.versions)}.`,
			HOW,
			`fp32 peak, measured: ${(report.peak / 1e12).toFixed(2)} TFLOP/s. torch on: ${report.torchDevice || 'nothing'}.`,
			...report.models.map(modelTables),
		];
		return {
			text: body.filter(Boolean).join('\n\n'),
			numbers: { gpu: software ? null : report },
			record: !software,
		};
	},
};

/** @param {Context} context @returns {Promise<GpuReport>} */
async function reportOf(context) {
	const { report } = context.options;
	if (report === null) {
		await prepare(context);
		return runThere(context);
	}
	const last = readFileSync(report, 'utf8').trim().split('\n').at(-1) ?? '';
	try {
		return JSON.parse(last);
	} catch {
		throw new Error(`${report} does not end with the line of JSON that .cache/bench/gpu/main.mjs prints.`);
	}
}

/**
 * @param {GpuReport} report @param {boolean} software @returns {string | null} reason why nothing was
 *   measured
 */
function problemOf({ adapter }, software) {
	if (adapter === null)
		return 'No GPU: Dawn finds no WebGPU adapter on this machine (on Linux it needs a Vulkan driver). Nothing was measured.';
	if (!adapter.software || software) return null;
	return (
		`No GPU: the only WebGPU adapter is ${adapter.name}, a program on the processor. Nothing was measured; ` +
		'"npm run bench -- gpu --software" runs tiny models on it to try the code.'
	);
}

/**
 * Bundles the program, installs Dawn on first use, and copies all dependencies into one folder. @param
 * {Context} context
 */
async function prepare(context) {
	const lock = join(ROOT, 'bench', 'dawn');
	mkdirSync(DAWN, { recursive: true });
	const installed = join(DAWN, 'node_modules', 'webgpu');
	if (!existsSync(join(installed, 'dist', PLATFORM))) {
		context.say('installing Dawn into .cache/dawn (once; 51 MB to download)…');
		for (const file of ['package.json', 'package-lock.json'])
			copyFileSync(join(lock, file), join(DAWN, file));
		const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
		const done = spawnSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
			cwd: DAWN,
			stdio: ['ignore', 'ignore', 'inherit'],
			shell: process.platform === 'win32',
		});
		if (done.status !== 0) throw new Error('Dawn could not be installed: npm’s own message above says why.');
		if (!existsSync(join(installed, 'dist', PLATFORM)))
			throw new Error(`Dawn’s package has no library for ${PLATFORM}.`);
	}
	context.say('bundling the program');
	const { build } = await import('vite');
	await build({
		root: ROOT,
		configFile: false,
		logLevel: 'error',
		publicDir: false,
		ssr: { noExternal: true },
		build: {
			ssr: join(ROOT, 'bench', 'gpu', 'main.ts'),
			outDir: FOLDER,
			emptyOutDir: true,
			target: 'node22',
			rolldownOptions: { output: { entryFileNames: 'main.mjs', chunkFileNames: '[name]-[hash].mjs' } },
		},
	});
	for (const path of ['package.json', 'index.js', join('dist', PLATFORM)])
		cpSync(join(installed, path), join(FOLDER, 'webgpu', path), { recursive: true });
	copyFileSync(TORCH_SCRIPT, join(FOLDER, 'peer.py'));
}

/** @param {Context} context @returns {Promise<GpuReport>} */
async function runThere(context) {
	const args = [join(FOLDER, 'main.mjs')];
	if (context.options.software) args.push('--software');
	if (context.options.steps !== null) args.push('--rounds', String(context.options.steps));
	if (context.options.torch) args.push(...(await pythonArgs(context)));
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	await context.resources.add(child, (it) => it.kill('SIGINT'));
	const output = await text(child.stdout);
	const last = output.trim().split('\n').at(-1);
	if (last === undefined || last === '') throw new Error('The program on the GPU ended without a report.');
	return JSON.parse(last);
}

/** @param {Context} context */
async function pythonArgs(context) {
	try {
		return ['--python', await findPython(context.resources, context.say)];
	} catch (error) {
		if (!(error instanceof TorchMissing)) throw error;
		context.say(`continuing without torch: ${error.message}`);
		return [];
	}
}

/** @param {GpuModelReport} report */
function modelTables({ model, flops, engines, share, hostMs, dispatches, peakBytes, half, withoutTorch }) {
	const rows = Object.entries(engines).map(([key, { wall, ofOurs }]) => [
		TITLES[key] ?? key,
		(1000 * wall).toFixed(1),
		times(ofOurs),
	]);
	if (half !== null)
		rows.splice(1, 0, [TITLES['half'] ?? '', (1000 * half.wall).toFixed(1), times(half.ofOurs)]);
	const exact = engines['torchFloat32']?.ofOurs;
	const shareAim = model === 'SmolLM2-135M' ? '≥ 25%' : 'none';
	const aims = [
		aimRow(
			'share of the fp32 peak',
			shareAim,
			`${(100 * share).toFixed(1)}%`,
			shareAim === 'none' ? null : share >= 0.25,
		),
	];
	if (exact !== undefined)
		aims.push(aimRow('against torch + PEFT, eager fp32', '≥ 1×', times(exact), exact >= 1));
	return [
		`### ${model}`,
		`${(flops / 1e9).toFixed(0)} GFLOP per step. Ours records it as ${dispatches} dispatches in ${hostMs.toFixed(1)} ms and holds ${inMegabytes(peakBytes)} at its peak. ${halfLine(half)}`,
		table(['engine', 'ms per step (median)', 'of ours'], rows),
		withoutTorch ?? '',
		table(AIM_HEAD, aims),
	]
		.filter(Boolean)
		.join('\n\n');
}

/** @param {GpuModelReport['half']} half */
function halfLine(half) {
	if (half === null) return 'The device offers no `shader-f16`.';
	return `In f16 it holds ${inMegabytes(half.peakBytes)}, and the losses of the first steps are within ${half.lossDifference.toExponential(0)} of fp32’s.`;
}
