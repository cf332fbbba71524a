/**
 * Two runs on one model and one device. They make their steps in turns, and each is equal bit for bit to the same run alone, also
 * if the other is paused, is stopped or fails.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { TrainControl, TrainEvent, TrainJob } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { memoryReport } from '#engine/memory.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';

const never = new AbortController().signal;
let device: Device;
let engine: LocalComputeEngine;

beforeAll(async () => {
	engine = new LocalComputeEngine({
		openDevice: async () => (device = await openDevice({ backend: 'webgpu' })),
		loadFiles: loadModelFiles,
		kernelStore: memoryKernelStore(),
	});
	const [source] = await modelCatalogue(new URL('/', location.href).href).list();
	await engine.load(source!, () => undefined, never);
});
afterAll(async () => {
	expect(device.fault()?.message).toBeUndefined();
	await engine.dispose();
});

function pairs(count: number, seed: number): PreferencePair[] {
	return worldPrompts({ count, seed, split: 'train' }).map((prompt, i) => ({
		id: prompt.id,
		prompt: { ...prompt },
		chosen: 'Yes. '.repeat(1 + (i % 3)),
		rejected: 'I do not know.',
		method: 'clair',
		from: null,
		edited: false,
	}));
}

interface Changes {
	objective?: Partial<Recipe['objective']>;
	lora?: Partial<Recipe['lora']>;
	optimiser?: Partial<Recipe['optimiser']>;
	training?: Partial<Recipe['training']>;
}

function job(runId: string, pairsOfRun: readonly PreferencePair[], changes: Changes): TrainJob {
	const recipe = {
		...DEFAULT_RECIPE,
		objective: { ...DEFAULT_RECIPE.objective, ...changes.objective },
		lora: { ...DEFAULT_RECIPE.lora, ...changes.lora },
		optimiser: { ...DEFAULT_RECIPE.optimiser, warmupSteps: 1, ...changes.optimiser },
		training: { ...DEFAULT_RECIPE.training, batchPairs: 2, checkpointEvery: 0, ...changes.training },
	};
	return { runId, recipe, pairs: pairsOfRun, resume: null, startPaused: false, answers: null };
}

/** Two runs that differ in everything: objective, rank, modules, seeds, pairs, batch size and activations. */
const ZERO = job('zero', pairs(6, 5), {
	training: { steps: 5, checkpointEvery: 2, activations: 'keep' },
});
const DPO = job('dpo', pairs(4, 9), {
	objective: { id: 'dpo', beta: 0.5 },
	lora: { rank: 6, alpha: 12, seed: 7, targetModules: ['q_proj', 'down_proj'] },
	optimiser: { learningRate: 3e-3, schedule: 'constant' },
	training: { steps: 6, batchPairs: 1, accumulationSteps: 2, seed: 3, activations: 'recompute' },
});

type Steer = (event: TrainEvent, run: TrainControl) => void;

/** All events in order of arrival. */
type Log = { runId: string; event: TrainEvent }[];

function start(settings: TrainJob, log: Log, steer: Steer = () => undefined): TrainControl {
	const { runId } = settings;
	const run: TrainControl = engine.train(settings, (event) => {
		log.push({ runId, event });
		// The first events arrive before the controls exist.
		queueMicrotask(() => steer(event, run));
	});
	return run;
}

async function alone(settings: TrainJob): Promise<Log> {
	const log: Log = [];
	await start(settings, log).finished;
	return log;
}

const eventsOf = (log: Log, { runId }: TrainJob): TrainEvent[] =>
	log.filter((entry) => entry.runId === runId).map(({ event }) => event);

/** Events whose number or content depends on other runs: runs on the same pairs share their reference log-probabilities. */
const SHARED: ReadonlySet<TrainEvent['type']> = new Set(['planned', 'paused', 'resumed', 'progress']);

/** All numbers that a run reports, except times and memory, which depend on other runs. */
function numbers(log: Log, settings: TrainJob): unknown[] {
	return eventsOf(log, settings).flatMap((event): unknown[] => {
		if (SHARED.has(event.type)) return [];
		if (event.type === 'done') return [{ ...event, peakBytes: 0 }];
		if (event.type !== 'step') return [event];
		return [{ ...event, metrics: { ...event.metrics, seconds: 0, tokensPerSecond: 0 } }];
	});
}

const stepsOf = (log: Log): string[] =>
	log.filter(({ event }) => event.type === 'step').map(({ runId }) => runId);

function last(log: Log, settings: TrainJob): TrainEvent {
	return eventsOf(log, settings).at(-1)!;
}

let zeroAlone: unknown[];
let dpoAlone: unknown[];
let before: ReturnType<typeof memoryReport>;

beforeAll(async () => {
	before = memoryReport();
	zeroAlone = numbers(await alone(ZERO), ZERO);
	dpoAlone = numbers(await alone(DPO), DPO);
});

test('two runs make one step each in turn, and each ends as it does alone', async () => {
	const log: Log = [];
	await Promise.all([start(ZERO, log).finished, start(DPO, log).finished]);
	expect(numbers(log, ZERO)).toEqual(zeroAlone);
	expect(numbers(log, DPO)).toEqual(dpoAlone);
	const steps = stepsOf(log);
	const both = steps.slice(
		Math.max(steps.indexOf('zero'), steps.indexOf('dpo')),
		Math.min(steps.lastIndexOf('zero'), steps.lastIndexOf('dpo')) + 1,
	);
	expect(both.length).toBeGreaterThanOrEqual(6);
	// One step each in turn. The turn of a checkpoint reports two steps, and the turn after it none.
	let lead = 0;
	const leads = both.map((runId) => (lead += runId === 'zero' ? 1 : -1));
	expect(Math.max(...leads) - Math.min(...leads)).toBeLessThanOrEqual(2);
});

test('nothing of either is left on the device', () => {
	const { tensors, buffers, bytesUsed } = memoryReport();
	expect({ tensors, buffers, bytesUsed }).toEqual({
		tensors: before.tensors,
		buffers: before.buffers,
		bytesUsed: before.bytesUsed,
	});
});

test('a paused run takes no turn; the other goes on to its end', async () => {
	const log: Log = [];
	const zero = start(ZERO, log, (event, run) => {
		if (event.type === 'step' && event.metrics.step === 2) run.pause();
	});
	await start(DPO, log).finished;
	await vi.waitUntil(() => eventsOf(log, ZERO).some(({ type }) => type === 'paused'));
	expect(numbers(log, DPO)).toEqual(dpoAlone);
	const stepsBefore = stepsOf(log).filter((runId) => runId === 'zero').length;
	expect(stepsBefore).toBeLessThan(5);
	expect(await engine.currentAdapter('zero')).toMatchObject({ step: stepsBefore });
	expect(await engine.currentAdapter('dpo')).toBeNull();
	zero.resume();
	await zero.finished;
	expect(numbers(log, ZERO)).toEqual(zeroAlone);
});

describe('the other run keeps its numbers', () => {
	test('when one is stopped', async () => {
		const log: Log = [];
		const stopped = start(ZERO, log, (event, run) => {
			if (event.type === 'step' && event.metrics.step === 2) run.stop(true);
		});
		await Promise.all([stopped.finished, start(DPO, log).finished]);
		expect(last(log, ZERO)).toMatchObject({ type: 'stopped', adapter: { id: expect.any(String) as string } });
		expect(numbers(log, DPO)).toEqual(dpoAlone);
	});

	test('when one fails with numbers that are none', async () => {
		const log: Log = [];
		const broken = job('broken', ZERO.pairs, {
			optimiser: { learningRate: 1e30, warmupSteps: 0, maxGradNorm: 0 },
			training: { steps: 20 },
		});
		await Promise.all([start(broken, log).finished, start(DPO, log).finished]);
		expect(last(log, broken)).toMatchObject({ type: 'failed', error: { code: 'non-finite' } });
		expect(numbers(log, DPO)).toEqual(dpoAlone);
	});

	test('when the GPU has no room for one', async () => {
		const log: Log = [];
		const first = start(DPO, log, (event) => {
			if (event.type !== 'step' || event.metrics.step !== 1) return;
			// The step is the first of the two passes that a run allocates for.
			const refuse = vi.spyOn(device.gpu!, 'popErrorScope');
			refuse.mockResolvedValueOnce(new GPUOutOfMemoryError('no room'));
			second = start(ZERO, log).finished;
		});
		let second = Promise.resolve();
		await first.finished;
		await second;
		expect(last(log, ZERO)).toMatchObject({ type: 'failed', error: { code: 'out-of-memory' }, step: 0 });
		expect(numbers(log, DPO)).toEqual(dpoAlone);
	});

	test('when answers with both adapters are asked for on the way', async () => {
		const log: Log = [];
		const adapters: Promise<unknown>[] = [];
		const ask = (adapter: { runId: string } | null): Promise<unknown> => {
			const prompts = ZERO.pairs
				.slice(0, 2)
				.map(({ prompt }) => [{ role: 'user' as const, content: prompt.text }]);
			const sampling = { temperature: 0, topP: 1, maxTokens: 6, seed: 1 };
			return engine.generate({ prompts, sampling, adapter, strength: 1 }, () => undefined, never);
		};
		const asking: Steer = (event, run) => {
			if (event.type === 'step' && event.metrics.step === 3) run.pause();
			if (event.type !== 'paused') return;
			adapters.push(
				Promise.all([ask({ runId: 'zero' }), ask({ runId: 'dpo' }), ask(null)]).then(() => run.resume()),
			);
		};
		await Promise.all([start(ZERO, log, asking).finished, start(DPO, log, asking).finished]);
		await Promise.all(adapters);
		expect(adapters).toHaveLength(2);
		expect(numbers(log, ZERO)).toEqual(zeroAlone);
		expect(numbers(log, DPO)).toEqual(dpoAlone);
	});
});

describe('memory', () => {
	function planOf(log: Log, settings: TrainJob) {
		const planned = eventsOf(log, settings).find((event) => event.type === 'planned');
		if (planned?.plan.memory === undefined) throw new Error('no plan');
		return { ...planned.plan.memory, estimatedBytes: planned.plan.estimatedBytes };
	}

	function peakOf(log: Log, settings: TrainJob): number {
		const end = last(log, settings);
		if (end.type !== 'done') throw new Error(JSON.stringify(end));
		return end.peakBytes;
	}

	test('the plan of a run counts what another has planned, and its peak is its own', async () => {
		const log: Log = [];
		await Promise.all([start(ZERO, log).finished, start(DPO, log).finished]);
		const [zero, dpo] = [planOf(log, ZERO), planOf(log, DPO)];
		expect(zero.budgetBytes - dpo.budgetBytes).toBe(zero.estimatedBytes - before.bytesUsed);
		for (const [settings, { estimatedBytes }] of [
			[ZERO, zero],
			[DPO, dpo],
		] as const) {
			const peak = peakOf(log, settings);
			expect(Math.abs(estimatedBytes - peak) / peak, `planned ${estimatedBytes}, took ${peak}`).toBeLessThan(
				0.15,
			);
		}
	});
});

test('the same run twice at once is refused, and so is another model while runs train', async () => {
	const log: Log = [];
	const run = start({ ...DPO, startPaused: true }, log);
	const refused = { code: 'already-training', context: { runId: 'dpo' } };
	await expect(engine.train(DPO, () => undefined).finished).rejects.toMatchObject(refused);
	const [source] = await modelCatalogue(new URL('/', location.href).href).list();
	await expect(engine.load(source!, () => undefined, never)).rejects.toMatchObject(refused);
	run.stop(false);
	await run.finished;
});
