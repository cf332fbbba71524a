/** The step as the trainer runs it: packed rows, shared prompts, our kernels, one submit. */
import { openDevice, type Device } from '#engine/device.ts';
import { compileInParallel, counters, flush, memoryReport, resetPeak } from '#engine/memory.ts';
import { wasmFiles } from '#engine/host/wasmFiles.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import { Tuner } from '#engine/tuning/tuner.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { bindLora, deviceLora, paramsOf } from '#model/lora.ts';
import { largeMatmuls } from '#model/matmuls.ts';
import { createBuffers, disposeBuffers } from '#train/buffers.ts';
import { compileRun } from '#train/estimate.ts';
import { lossMetrics, stepLogps } from '#train/metrics.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { stepValues } from '#train/values.ts';
import { packForStep } from '#train/pack.ts';
import { StepRunner, type MicroBatch, type StepOptions, type StepReading } from '#train/step.ts';
import { at } from '#core/math/at.ts';
import { batchOf, type BenchEngine, type Workload } from '../workloads/workload.ts';

const OBJECTIVE = objectiveOf('apo_zero');

export interface OursReport {
	/**
	 * Time that a run waits for its pipelines: those of the reference pass before it, and the others after it.
	 */
	compileMs: number;
	/** Dispatches recorded in one step of the whole model. */
	dispatches: number;
	submits: number;
	/** Milliseconds of a step on the page's side: recording, uploads, the submit itself. */
	hostMs: number;
	peakBytes: number;
	/** Packed rows of the step's batch, including padding. */
	packedRows: number;
}

export interface OursEngine extends BenchEngine {
	/**
	 * Several steps as the trainer runs them: each is recorded while the previous one still runs. @returns the
	 * last one's loss
	 */
	burst(count: number): Promise<number>;
	/** Report of the last step; null before the first. */
	report(): OursReport | null;
}

/** Our engine on the given backend, opened with the app's own kernels for it. */
export async function ours(
	backend: 'webgpu' | 'wasm',
	workload: Workload,
	ahead = false,
): Promise<OursEngine> {
	return oursOn(await openDevice({ backend, wasmFiles }), workload, { ahead });
}

/**
 * @param ahead    compiles the programs before the run, as the app does while it samples answers
 * @param settings the user's choice of programs; default: the app's own choice
 */
export async function oursOn(
	device: Device,
	workload: Workload,
	{ ahead = false, settings = null }: { ahead?: boolean; settings?: KernelSettings | null } = {},
): Promise<OursEngine> {
	const model = createDecoder(workload.config, workload.tensors, settings?.weights);
	await chooseKernels(device, model, settings);
	if (ahead) await compileRun(model, DEFAULT_RECIPE);
	const layout = deviceLora(workload.config, workload.adapter.config);
	const params = paramsOf(layout, workload.adapter);
	const moments = (): Float32Array => new Float32Array(params.length);
	const buffers = createBuffers({ params, m: moments(), v: moments() });
	const lora = bindLora(layout, buffers.params);
	const runner = new StepRunner(model);
	const packs = workload.batches.map((pairs) => packForStep(pairs));
	let step = 0;
	const options = (batch: MicroBatch): StepOptions => optionsOf(workload, batch, Math.max(1, step));
	const first = at(packs, 0);
	const compiling = compileInParallel(() => {
		const batch: MicroBatch = { packed: first, reference: new Float32Array(first.segments.count) };
		runner.step(buffers, lora, [batch], options(batch)).catch(() => undefined);
	});
	const forReference = compileInParallel(() => {
		runner.logps(first, null).catch(() => undefined);
	});
	let compileMs = await millisecondsOf(forReference);
	const batches = await withReference(runner, packs);
	compileMs += await millisecondsOf(compiling);
	let last: OursReport | null = null;
	return {
		step: async () => {
			step++;
			const batch = batchOf(batches, step);
			const { reading, cost } = await measured(device, () =>
				runner.step(buffers, lora, [batch], options(batch)),
			);
			last = { ...cost, compileMs, packedRows: batch.packed.ids.length };
			return lossOf(workload, batch, reading);
		},
		burst: async (count) => {
			let underWay: Promise<number> | null = null;
			for (let i = 0; i < count; i++) {
				step++;
				const batch = batchOf(batches, step);
				const recorded = runner
					.step(buffers, lora, [batch], options(batch))
					.then((reading) => lossOf(workload, batch, reading));
				await underWay;
				underWay = recorded;
			}
			return underWay ?? Promise.resolve(NaN);
		},
		report: () => last,
		dispose: () => {
			disposeBuffers(buffers);
			model.dispose();
			flush();
		},
	};
}

/** Adds the reference's log-probabilities to each batch, as the pass before the first step does. */
async function withReference(
	runner: StepRunner,
	packs: readonly MicroBatch['packed'][],
): Promise<MicroBatch[]> {
	const batches: MicroBatch[] = [];
	for (const packed of packs) {
		batches.push({ packed, reference: Float32Array.from(await runner.logps(packed, null)) });
	}
	return batches;
}

/** Remaining time of `work` from now on. */
async function millisecondsOf(work: Promise<void>): Promise<number> {
	const begin = performance.now();
	await work;
	return performance.now() - begin;
}

/**
 * Chooses kernels as the app does on first use: measures them, because no times are stored from an earlier
 * run.
 */
async function chooseKernels(
	device: Device,
	{ weights }: Decoder,
	settings: KernelSettings | null,
): Promise<void> {
	const tuner = new Tuner({
		settings: () => Promise.resolve(settings),
		keepSettings: () => Promise.resolve(),
		times: () => Promise.resolve(null),
		keepTimes: () => Promise.resolve(),
	});
	await tuner.begin(device);
	await tuner.tune(device.report, largeMatmuls(weights));
}

function optionsOf(
	{ beta, optimiser, learningRate }: Workload,
	batch: MicroBatch,
	step: number,
): StepOptions {
	return {
		objective: OBJECTIVE,
		values: stepValues({ beta }, [batch]),
		keep: 'all',
		adamW: { ...optimiser, lr: learningRate(step), step },
	};
}

type Cost = Omit<OursReport, 'compileMs' | 'packedRows'>;

/** Runs one step until its last update is done, and reports its recording. */
async function measured(
	{ gpu }: Device,
	work: () => Promise<StepReading>,
): Promise<{ reading: StepReading; cost: Cost }> {
	const before = { ...counters() };
	resetPeak();
	const begin = performance.now();
	const pending = work();
	const hostMs = performance.now() - begin;
	const after = { ...counters() };
	const reading = await pending;
	await gpu?.queue.onSubmittedWorkDone();
	const { peakBytes } = memoryReport();
	const dispatches = after.dispatches - before.dispatches;
	const submits = after.submits - before.submits;
	return { reading, cost: { hostMs, peakBytes, dispatches, submits } };
}

function lossOf({ beta }: Workload, batch: MicroBatch, { logps }: StepReading): number {
	const values = stepValues({ beta }, [batch]);
	return lossMetrics(OBJECTIVE, values, stepLogps([batch], logps)).metrics.loss;
}
