/** The step as the trainer does it: packed rows, shared prompts, our kernels, one submit. */
import { openDevice, type Device } from '#engine/device.ts';
import { compileInParallel, counters, flush, memoryReport, resetPeak } from '#engine/memory.ts';
import { wasmFiles } from '#engine/host/wasmFiles.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { pairLoss } from '#core/loss/pairLoss.ts';
import { Tuner } from '#engine/tuning/tuner.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { bindLora, deviceLora, paramsOf } from '#model/lora.ts';
import { largeMatmuls } from '#model/matmuls.ts';
import { createBuffers, disposeBuffers } from '#train/buffers.ts';
import { compileRun } from '#train/estimate.ts';
import { pairLogps } from '#train/metrics.ts';
import { packForStep } from '#train/pack.ts';
import { StepRunner, type MicroBatch, type StepOptions, type StepReading } from '#train/step.ts';
import { at } from '#core/math/at.ts';
import { batchOf, type BenchEngine, type Workload } from '../workloads/workload.ts';

export interface OursReport {
	/** What a run waits for its pipelines: those of the reference pass before it, the others behind it. */
	compileMs: number;
	/** Recorded in one step of the whole model. */
	dispatches: number;
	submits: number;
	/** Milliseconds of the page's side of a step: recording, uploads, the submit itself. */
	hostMs: number;
	peakBytes: number;
	/** Of the batch that the step worked on, padding included. */
	packedRows: number;
}

export interface OursEngine extends BenchEngine {
	/** Some steps as the trainer takes them: each is recorded while the one before it still runs. @returns the last one's loss */
	burst(count: number): Promise<number>;
	/** Of the last step; null before the first. */
	report(): OursReport | null;
}

/** On the backend that is named, opened with the app's own kernels for it. */
export async function ours(
	backend: 'webgpu' | 'wasm',
	workload: Workload,
	ahead = false,
): Promise<OursEngine> {
	return oursOn(await openDevice({ backend, wasmFiles }), workload, { ahead });
}

/**
 * @param ahead    the programs are compiled before the run begins, as the app does while answers are sampled
 * @param settings what a person may set of the programs; the app's own choice otherwise
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
	const options = (): StepOptions => optionsOf(workload, Math.max(1, step));
	const first = at(packs, 0);
	const compiling = compileInParallel(() => {
		const batch: MicroBatch = { packed: first, reference: new Float32Array(first.segments) };
		runner.step(buffers, lora, [batch], options()).catch(() => undefined);
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
			const { reading, cost } = await measured(device, () => runner.step(buffers, lora, [batch], options()));
			last = { ...cost, compileMs, packedRows: batch.packed.ids.length };
			return lossOf(workload, batch, reading);
		},
		burst: async (count) => {
			let underWay: Promise<number> | null = null;
			for (let i = 0; i < count; i++) {
				step++;
				const batch = batchOf(batches, step);
				const recorded = runner
					.step(buffers, lora, [batch], options())
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

/** Each batch with the reference's log-probabilities, as the pass before the first step leaves them. */
async function withReference(
	runner: StepRunner,
	packs: readonly MicroBatch['packed'][],
): Promise<MicroBatch[]> {
	const batches: MicroBatch[] = [];
	for (const packed of packs) {
		const reference = Float32Array.from(await runner.logps(packed, null));
		reference[reference.length - 1] = 0;
		batches.push({ packed, reference });
	}
	return batches;
}

/** How long one waits for it from now on. */
async function millisecondsOf(work: Promise<void>): Promise<number> {
	const begin = performance.now();
	await work;
	return performance.now() - begin;
}

/** As the app does on first use: measured anew, because nothing is kept from an earlier run. */
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

function optionsOf({ beta, optimiser, learningRate }: Workload, step: number): StepOptions {
	return {
		objective: 'apo_zero',
		beta,
		keep: 'all',
		adamW: { ...optimiser, lr: learningRate(step), step },
	};
}

type Cost = Omit<OursReport, 'compileMs' | 'packedRows'>;

/** One step with what it recorded, and its last update done. */
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
	return pairLoss(objectiveOf('apo_zero'), beta, pairLogps([batch], logps)).loss;
}
