/**
 * A training step at the shapes of published models on this machine's GPU, through Dawn in Node, in turns
 * with torch + PEFT.
 *
 * bench/parts/gpu.mjs bundles it into .cache/bench/gpu with all dependencies except torch, so that the folder
 * also runs on a machine that has a GPU and Node but not the project: `node main.mjs --python python3`. The
 * last line of stdout is one line of JSON; a shorter one is printed after each model.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDevice, type Device } from '#engine/device.ts';
import { measureRounds, present, withEqualLosses, type Contender, type Measured } from '../node/rounds.mjs';
import { Resources } from '../node/resources.mjs';
import { median, pairedRatio } from '../node/stats.mjs';
import { openTorchPeer, TorchMissing } from '../node/torchPeer.mjs';
import { exportWorkload } from '../workloads/exportWorkload.ts';
import { oursOn, type OursEngine } from '../page/ours.ts';
import type { Workload } from '../workloads/workload.ts';
import { describeAdapter, installDawn, removeDawn, type AdapterReport } from './dawn.ts';
import { flopsOfStep } from './flops.ts';
import { measurePeak } from './peak.ts';
import { shapeWorkload } from './shapes.ts';
import { PUBLISHED_NAMES, type PublishedName } from '../workloads/published.ts';

export interface GpuEngineReport {
	/** Median seconds per step, in bursts. */
	wall: number;
	/** Ratio of the time to ours. */
	ofOurs: number;
	losses: number[];
}

/** Ours with weights and forward products in f16, against ours in fp32. */
export interface HalfReport {
	/** Median seconds per step, in bursts. */
	wall: number;
	/** Ratio of the time to fp32. */
	ofOurs: number;
	/** Largest difference of the first steps' losses. */
	lossDifference: number;
	peakBytes: number;
}

export interface GpuModelReport {
	model: PublishedName;
	/** See flops.ts. */
	flops: number;
	/** ours, torchFloat32, torchBfloat16. */
	engines: Record<string, GpuEngineReport>;
	/** Our share of the measured peak. */
	share: number;
	/** Milliseconds that our engine takes to record a step, and the dispatches in it. */
	hostMs: number;
	dispatches: number;
	peakBytes: number;
	/** Null if the device does not compute in f16. */
	half: HalfReport | null;
	/** Reason why torch is missing. */
	withoutTorch: string | null;
}

export interface GpuReport {
	date: string;
	/** Processor, threads, memory. */
	machine: string;
	/** Null without an adapter. */
	adapter: AdapterReport | null;
	/** Measured fp32 operations per second. */
	peak: number;
	/** Device that torch runs on. */
	torchDevice: string;
	versions: Record<string, string>;
	models: GpuModelReport[];
}

const LOSS_TOLERANCE = 5e-4;
/**
 * Steps whose losses are compared, run one by one as the warm-up. In later steps AdamW amplifies rounding, so
 * engines differ.
 */
const CHECKED_STEPS = 3;
/** Models measured without torch: their weights are too many to write and read twice for one comparison. */
const WITHOUT_TORCH: readonly PublishedName[] = ['Llama-3.2-1B'];
/** Steps per round, submitted in a row without waiting for each, as trainers do. */
const BURST = 8;

const HERE = dirname(fileURLToPath(import.meta.url));
const say = (text: string): void => void process.stderr.write(`  ${text}\n`);

const { values: args } = parseArgs({
	options: {
		dawn: { type: 'string', default: join(HERE, 'webgpu', 'index.js') },
		peer: { type: 'string', default: join(HERE, 'peer.py') },
		/** A Python with torch + PEFT; empty omits torch. */
		python: { type: 'string', default: '' },
		/** Names, separated by commas; empty selects all. */
		models: { type: 'string', default: '' },
		rounds: { type: 'string', default: '8' },
		software: { type: 'boolean', default: false },
	},
});

const resources = new Resources();
const report: GpuReport = {
	date: new Date().toISOString().slice(0, 10),
	machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} threads, ${Math.round(totalmem() / 2 ** 30)} GiB`,
	adapter: null,
	peak: NaN,
	torchDevice: '',
	versions: { node: process.versions.node },
	models: [],
};

/** torch in fp32 on the same weights and batch; with CUDA also in bf16. */
async function openTorch(folder: string, software: boolean): Promise<Contender[]> {
	const device = software ? 'cpu' : 'cuda';
	const contenders: Contender[] = [];
	for (const dtype of ['float32', 'bfloat16'] as const) {
		if (software && dtype !== 'float32') continue;
		say(`opening torch + PEFT, ${dtype} on ${device}`);
		const how = { python: args.python, script: args.peer, folder, device, dtype } as const;
		const engine = await openTorchPeer(resources, how);
		Object.assign(report.versions, engine.versions);
		report.torchDevice = engine.device;
		const [key, title] =
			dtype === 'float32' ? ['torchFloat32', 'torch, fp32'] : ['torchBfloat16', 'torch, bf16'];
		contenders.push({ key, title, engine });
	}
	return contenders;
}

async function tryTorch(
	model: PublishedName,
	workload: Workload,
	software: boolean,
): Promise<{ peers: Contender[]; missing: string | null }> {
	if (args.python === '' || WITHOUT_TORCH.includes(model))
		return { peers: [], missing: 'torch + PEFT was left out.' };
	const folder = mkdtempSync(join(tmpdir(), 'anchorage-bench-'));
	await resources.add(folder, (it) => rmSync(it, { recursive: true, force: true }));
	await exportWorkload(workload, folder);
	try {
		return { peers: await openTorch(folder, software), missing: null };
	} catch (error) {
		if (!(error instanceof TorchMissing)) throw error;
		return { peers: [], missing: `torch + PEFT could not be had here: ${error.message}` };
	}
}

/** Wraps our engine as a contender. */
function contender(own: OursEngine): Contender {
	const step = async (count = 1): Promise<{ loss: number; ms: number }> => {
		const begin = performance.now();
		const loss = count === 1 ? await own.step() : await own.burst(count);
		return { loss, ms: (performance.now() - begin) / count };
	};
	const engine = { pid: process.pid, step, report: () => Promise.resolve(own.report()) };
	return { key: 'ours', title: 'Anchorage', engine };
}

const PLAN = { warmUp: CHECKED_STEPS, rounds: Number(args.rounds), burst: BURST };

/**
 * The same steps with everything possible in f16. Runs separately, since a device has one setting at a time.
 */
async function measureHalf(device: Device, workload: Workload, exact: Measured): Promise<HalfReport | null> {
	if (device.gpu?.features.has('shader-f16') !== true) return null;
	say('again with weights and forward products in f16');
	const settings = { programs: 'auto', weights: 'f16', arithmetic: 'f16' } as const;
	const own = await oursOn(device, workload, { settings });
	const { ours } = await measureRounds([contender(own)], PLAN, say);
	await own.step();
	const peakBytes = own.report()?.peakBytes ?? NaN;
	own.dispose();
	const [wall, losses] = [median(present(ours?.wall ?? [])), ours?.losses ?? []];
	const apart = exact.losses.slice(0, CHECKED_STEPS).map((loss, i) => Math.abs(loss - (losses[i] ?? NaN)));
	const ofOurs = wall / median(present(exact.wall));
	return { wall, ofOurs, lossDifference: Math.max(...apart), peakBytes };
}

async function measureModel(model: PublishedName, software: boolean): Promise<void> {
	say(`${model}: making random weights`);
	const workload = shapeWorkload(model, software);
	const { peers, missing } = await tryTorch(model, workload, software);
	const device = await openDevice({ backend: 'webgpu' });
	const own = await oursOn(device, workload);
	const measured = await measureRounds([contender(own), ...peers], PLAN, say);
	const exact = measured['torchFloat32']?.losses.slice(0, CHECKED_STEPS) ?? [];
	const inFloat32 = Object.entries(measured).filter(([key]) => key !== 'torchBfloat16');
	withEqualLosses(Object.fromEntries(inFloat32), exact, LOSS_TOLERANCE);
	const { ours } = measured;
	if (ours === undefined) throw new Error(`${model}: ours was not measured.`);
	const engines = Object.entries(measured).map(([key, { wall, losses }]) => {
		const engineReport = { wall: median(present(wall)), ofOurs: pairedRatio(wall, ours.wall), losses };
		return [key, engineReport] as const;
	});
	const flops = flopsOfStep(workload);
	const share = flops / median(present(ours.wall)) / report.peak;
	// One more single, warm step, to measure its time on the host.
	await own.step();
	const { hostMs, dispatches, peakBytes } = own.report() ?? { hostMs: NaN, dispatches: NaN, peakBytes: NaN };
	own.dispose();
	const half = await measureHalf(device, workload, ours);
	const fault = device.fault();
	if (fault !== null) throw fault;
	const numbers = { flops, share, hostMs, dispatches, peakBytes, half, withoutTorch: missing };
	report.models.push({ model, engines: Object.fromEntries(engines), ...numbers });
}

async function main(): Promise<void> {
	await installDawn(args.dawn);
	report.adapter = await describeAdapter();
	if (report.adapter === null || (report.adapter.software && !args.software)) return;
	say(`adapter: ${report.adapter.name}`);
	const { gpu } = await openDevice({ backend: 'webgpu' });
	if (gpu === null) return;
	say('measuring the fp32 peak');
	report.peak = await measurePeak(gpu);
	const models = PUBLISHED_NAMES.filter(
		(name) => args.models === '' || args.models.split(',').includes(name),
	);
	for (const model of models) {
		await measureModel(model, report.adapter.software);
		print();
	}
}

/** Called after each model; only the last printed line counts. */
function print(): void {
	process.stdout.write(`${JSON.stringify(report)}\n`);
}

process.once('SIGINT', () => void resources.close());
try {
	await main();
	if (report.models.length === 0) print();
} catch (error) {
	say(error instanceof Error ? error.message : String(error));
	process.exitCode = 1;
} finally {
	await resources.close();
	removeDawn();
}
// Dawn keeps a thread for which Node would wait.
process.exit();
