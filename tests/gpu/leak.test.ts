/**
 * Whether the compute worker's engine leaks: rounds of all its jobs, in one thread so that its memory can be
 * counted. The first round creates everything that is created once; every later round must leave the device
 * unchanged.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '#core/output/output.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { TrainControl, TrainEvent, TrainJob } from '#core/ports.ts';
import { DEFAULT_RECIPE, type ActivationsChoice } from '#core/recipe/recipe.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { openDevice } from '#engine/device.ts';
import { counters, memoryReport, trimMemory } from '#engine/memory.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';

const never = new AbortController().signal;
const PROMPTS = worldPrompts({ count: 6, seed: 5, split: 'train' });
const PAIRS: PreferencePair[] = PROMPTS.map((prompt, i) => ({
	id: prompt.id,
	prompt: { ...prompt },
	chosen: 'Yes. '.repeat(1 + (i % 3)),
	rejected: 'I do not know.',
	method: 'clair',
	from: null,
	edited: false,
}));
const SAMPLING = { temperature: 0, topP: 1, maxTokens: 4, seed: 1 };

let engine: LocalComputeEngine;
beforeAll(async () => {
	engine = new LocalComputeEngine({
		openDevice: () => openDevice({ backend: 'webgpu' }),
		loadFiles: loadModelFiles,
		kernelStore: memoryKernelStore(),
	});
	const [source] = await modelCatalogue(new URL('/', location.href).href).list();
	await engine.load(source!, () => undefined, never);
});
afterAll(() => engine.dispose());

const chats = PROMPTS.map(({ text }): Message[] => [{ role: 'user', content: text }]);

function job(steps: number, activations: ActivationsChoice, resume: TrainJob['resume'] = null): TrainJob {
	const training = { ...DEFAULT_RECIPE.training, steps, batchPairs: 2, checkpointEvery: 2, activations };
	return {
		runId: 'run',
		recipe: { ...DEFAULT_RECIPE, training },
		pairs: PAIRS,
		resume,
		startPaused: false,
		answers: null,
	};
}

/** Runs a job; `steer` receives every event and the run's controls. */
async function train(
	settings: TrainJob,
	steer: (event: TrainEvent, run: TrainControl) => void = () => undefined,
): Promise<TrainEvent> {
	const events: TrainEvent[] = [];
	const run: TrainControl = engine.train(settings, (event) => {
		events.push(event);
		// The first events arrive before the controls exist.
		queueMicrotask(() => steer(event, run));
	});
	await run.finished;
	return events.at(-1)!;
}

/** Answers in mid-run with the adapter in training, while paused, then resumes. */
async function trainWithAnswers(): Promise<void> {
	const answering: Promise<unknown>[] = [];
	const last = await train(job(4, 'keep'), (event, run) => {
		if (event.type === 'step' && event.metrics.step === 2) run.pause();
		if (event.type !== 'paused') return;
		const request = { prompts: chats, sampling: SAMPLING, adapter: { runId: 'run' }, strength: 1 };
		const answered = engine.generate(request, () => undefined, never);
		answering.push(
			answered.then(async () => {
				await engine.tokenLogps(PAIRS.slice(0, 1), { runId: 'run' });
				run.resume();
			}),
		);
	});
	await Promise.all(answering);
	expect(answering).toHaveLength(1);
	expect(last.type).toBe('done');
}

async function stoppedAndResumed(): Promise<void> {
	const stop = (keep: boolean) => (event: TrainEvent, run: TrainControl) => {
		if (event.type === 'step') run.stop(keep);
	};
	expect((await train(job(20, 'lean'), stop(false))).type).toBe('stopped');
	const kept = await train(job(20, 'recompute'), stop(true));
	if (kept.type !== 'stopped' || kept.state === null) throw new Error(JSON.stringify(kept));
	const again = await train({ ...job(kept.step + 2, 'recompute'), resume: kept.state });
	expect(again.type).toBe('done');
}

async function cancelledAnswers(): Promise<void> {
	const cancel = new AbortController();
	const request = { prompts: [...chats, ...chats], sampling: SAMPLING, adapter: null, strength: 1 };
	await engine.generate(request, () => cancel.abort(), cancel.signal).catch(() => undefined);
}

interface Held {
	tensors: number;
	buffers: number;
	bytes: number;
	pipelines: number;
	uniformBuffers: number;
}

async function round(): Promise<Held> {
	await trainWithAnswers();
	await stoppedAndResumed();
	await cancelledAnswers();
	trimMemory();
	const { tensors, buffers, bytesAllocated } = memoryReport();
	const { pipelines, uniformBuffers } = counters();
	return { tensors, buffers, bytes: bytesAllocated, pipelines, uniformBuffers };
}

test('rounds of runs, stops, resumes, answers and cancelled calls leave the device as they found it', async () => {
	const first = await round();
	const second = await round();
	const third = await round();
	expect(second.tensors).toBe(first.tensors);
	expect(second.buffers).toBe(first.buffers);
	expect(second.bytes).toBe(first.bytes);
	const { uniformBuffers, ...held } = third;
	const { uniformBuffers: before, ...expected } = second;
	expect(held).toEqual(expected);
	// Uniform buffers are cached by content, and bounded. The moment of the cancel decides which row counts
	// occur, so a few may be new, but the count does not grow with each round.
	expect(uniformBuffers - before).toBeLessThan(8);
});
