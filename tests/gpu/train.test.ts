/**
 * Training on WebGPU: TRL's loss curve, resuming, submits and leaks, the memory estimate, and bad numbers.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import type { Counters } from '#engine/gpu/counters.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { counters, memoryReport } from '#engine/memory.ts';
import type { Decoder } from '#model/decoder.ts';
import { compileRun } from '#train/estimate.ts';
import { Trainer, type TrainerSetup } from '#train/trainer.ts';
import {
	goldenDecoder,
	goldenPairs,
	largestDifference,
	modelFiles,
	readJson,
	type ReadGolden,
} from '#tests/golden/goldenModel.ts';
import {
	finalDifference,
	followTrace,
	METRICS,
	tolerance,
	traceFiles,
	type Trace,
} from '#tests/golden/goldenTrace.ts';
import { fetchGoldens } from './fetchGoldens.ts';

let device: Device;
let read: ReadGolden;
let model: Decoder;
let trace: Trace;

beforeAll(async () => {
	device = await openDevice({ backend: 'webgpu' });
	trace = readJson<Trace>(await fetchGoldens(['trace-llama.json']), 'trace-llama.json');
	read = await fetchGoldens([
		...modelFiles('model-llama'),
		...trace.runs.flatMap((run) => traceFiles('trace-llama', run)),
	]);
	model = goldenDecoder(read, 'model-llama');
});
afterAll(() => {
	model.dispose();
	expect(device.fault()).toBeNull();
});

function recipe(training: Partial<Recipe['training']>, optimiser: Partial<Recipe['optimiser']> = {}): Recipe {
	return {
		...DEFAULT_RECIPE,
		optimiser: { ...DEFAULT_RECIPE.optimiser, ...optimiser },
		training: { ...DEFAULT_RECIPE.training, batchPairs: 2, checkpointEvery: 0, ...training },
	};
}

function setup(changes: Partial<TrainerSetup> & { recipe: Recipe }): TrainerSetup {
	const pairs = goldenPairs(read, 'model-llama');
	return { model, pairs, truncated: 0, resume: null, startPaused: false, ...changes };
}

async function eventsOf(changes: Partial<TrainerSetup> & { recipe: Recipe }): Promise<TrainEvent[]> {
	const events: TrainEvent[] = [];
	for await (const event of new Trainer(setup(changes)).run()) events.push(event);
	return events;
}

function losses(events: readonly TrainEvent[]): number[] {
	return events.flatMap((event) => (event.type === 'step' ? [event.metrics.loss] : []));
}

function ended(events: readonly TrainEvent[]): Extract<TrainEvent, { type: 'done' }> {
	const last = events.at(-1);
	if (last?.type !== 'done') throw new Error(`The run ended with ${JSON.stringify(last)}.`);
	return last;
}

test('thirty steps as TRL takes them', async () => {
	const run = trace.runs.find(({ name }) => name === 'adapter-wd0.01')!;
	const { steps, adapter } = await followTrace(read, 'llama', 'trace-llama', run);
	for (const metric of METRICS) {
		const got = steps.map((step) => step[metric]);
		const wanted = run.steps.map((step) => step[metric === 'learning_rate' ? 'lr' : metric]!);
		expect(largestDifference(got, wanted), metric).toBeLessThanOrEqual(tolerance(run, metric));
	}
	expect(finalDifference(read, 'llama', run, adapter)).toBeLessThanOrEqual(tolerance(run, 'final_adapter'));
});

test('a run goes on from a checkpoint as if it had never stopped', async () => {
	const whole = await eventsOf({ recipe: recipe({ steps: 8, checkpointEvery: 4 }) });
	const checkpoint = whole.find((event) => event.type === 'checkpoint')!;
	expect(checkpoint.step).toBe(4);
	// A checkpoint as a store returns it.
	const resume = structuredClone(checkpoint.state);
	const rest = await eventsOf({ recipe: recipe({ steps: 8, checkpointEvery: 4 }), resume });
	expect(losses(rest)).toEqual(losses(whole).slice(4));
	expect(largestDifference(ended(rest).state.params, ended(whole).state.params)).toBe(0);
	expect(ended(rest).state.numTokens).toBe(ended(whole).state.numTokens);
	// The checkpoint contains the reference log-probabilities.
	expect(
		rest.some((event) => event.type === 'progress' && event.progress.phase.startsWith('Reference')),
	).toBe(false);
});

test('KTO trains from its first loss, with the drift of each step', async () => {
	const base = recipe({ steps: 3 }, { learningRate: 1e-2, warmupSteps: 0 });
	const events = await eventsOf({ recipe: { ...base, objective: { id: 'kto', beta: 0.5 } } });
	ended(events);
	// Every completion has 1 − σ(0), and a pair the mean of two.
	expect(losses(events)[0]).toBeCloseTo(0.5, 5);
	const drifts = events.flatMap((event) => (event.type === 'step' ? [event.metrics.kl] : []));
	expect(drifts[0]).toBeCloseTo(0, 5);
	expect(drifts.every((kl) => kl !== undefined && kl >= 0)).toBe(true);
	expect(losses(events).at(-1)).not.toBeCloseTo(0.5, 3);
});

test('accumulated micro-batches give the step of one batch', async () => {
	const order = (n: number): number[] => [2 * (n % 3), 2 * (n % 3) + 1];
	const parts = await eventsOf({ recipe: recipe({ steps: 2, accumulationSteps: 3 }), order });
	const whole = await eventsOf({
		recipe: recipe({ steps: 2, batchPairs: 6 }),
		order: () => [0, 1, 2, 3, 4, 5],
	});
	expect(largestDifference(losses(parts), losses(whole))).toBeLessThan(1e-6);
	expect(largestDifference(ended(parts).state.m, ended(whole).state.m)).toBeLessThan(1e-6);
});

test('one submit a step, and forty steps leave tensors and bytes as they were', async () => {
	// All six pairs in every batch, so all batches have one size.
	const settings = recipe({ steps: 40, batchPairs: 6 });
	await eventsOf({ recipe: recipe({ steps: 2, batchPairs: 6 }) });
	const before = memoryReport();
	const seen: (Counters & { tensors: number; bytes: number })[] = [];
	for await (const event of new Trainer(setup({ recipe: settings })).run()) {
		if (event.type !== 'step') continue;
		seen.push({ ...counters(), tensors: memoryReport().tensors, bytes: memoryReport().bytesAllocated });
	}
	const [early, late] = [seen[9]!, seen[37]!];
	// Caches by content and by buffer stop growing, although the learning rate changes at each step.
	expect(late.uniformBuffers).toBe(early.uniformBuffers);
	expect(late.bindGroups).toBe(early.bindGroups);
	expect(late.submits - early.submits).toBe(28);
	expect(late.tensors).toBe(early.tensors);
	expect(late.bytes).toBe(early.bytes);
	// At most 37 per layer, and 16 more for embedding, head, objective and optimiser.
	expect((late.dispatches - early.dispatches) / 28).toBeLessThanOrEqual(37 * model.config.layers + 16);
	expect(memoryReport().tensors).toBe(before.tensors);
	expect(memoryReport().buffers).toBe(before.buffers);
});

test('a step that is not a number stops the run with its pairs and the last checkpoint', async () => {
	const events = await eventsOf({
		recipe: recipe({ steps: 30, checkpointEvery: 2 }, { learningRate: 1e30, warmupSteps: 3, maxGradNorm: 0 }),
	});
	const last = events.at(-1)!;
	expect(last).toMatchObject({ type: 'failed', error: { code: 'non-finite' }, lastCheckpoint: 2 });
	if (last.type !== 'failed') return;
	expect(last.step).toBe(3);
	expect(last.pairIds).toHaveLength(2);
});

/** A new device has no pipelines yet. */
async function freshDevice(): Promise<GPUDevice> {
	device = await openDevice({ backend: 'webgpu' });
	model = goldenDecoder(read, 'model-llama');
	if (device.gpu === null) throw new Error('no WebGPU');
	return device.gpu;
}

test('every kernel of a run is compiled in the background, before the pass that needs it', async () => {
	const gpu = await freshDevice();
	const waitedFor = vi.spyOn(gpu, 'createComputePipeline');
	let compiled = 0;
	for await (const event of new Trainer(setup({ recipe: recipe({ steps: 3 }) })).run()) {
		if (event.type === 'checked') compiled = counters().pipelines;
	}
	expect(compiled).toBeGreaterThan(20);
	expect(counters().pipelines).toBe(compiled);
	expect(waitedFor).not.toHaveBeenCalled();
});

test('compiled ahead, a run compiles nothing more, whatever its pairs are', async () => {
	await freshDevice();
	const settings = recipe({ steps: 3 });
	const before = memoryReport();
	await compileRun(model, settings);
	expect(memoryReport()).toEqual(before);
	const compiled = counters().pipelines;
	expect(compiled).toBeGreaterThan(20);
	ended(await eventsOf({ recipe: settings }));
	expect(counters().pipelines).toBe(compiled);
});
