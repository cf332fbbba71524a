/** A GPU that is lost while runs train: each run ends with an event, and the next call opens a device and resumes. */
import { beforeEach, expect, test } from 'vitest';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { TrainEvent, TrainJob, TrainerState } from '#core/ports.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { ownDeviceNext } from '#tests/support/sharedDevice.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';

const PAIRS: PreferencePair[] = worldPrompts({ count: 4, seed: 5, split: 'train' }).map((prompt) => ({
	id: prompt.id,
	prompt: { ...prompt },
	chosen: 'Yes.',
	rejected: 'I do not know.',
	method: 'clair',
	from: null,
	edited: false,
}));

function job(resume: TrainerState | null, runId = 'run', checkpointEvery = 2): TrainJob {
	const training = { ...DEFAULT_RECIPE.training, steps: 6, batchPairs: 2, checkpointEvery };
	return {
		runId,
		recipe: { ...DEFAULT_RECIPE, training },
		pairs: PAIRS,
		resume,
		startPaused: false,
		answers: null,
	};
}

let devices: Device[];
let loads: number;
let engine: LocalComputeEngine;
beforeEach(async () => {
	devices = [];
	loads = 0;
	engine = new LocalComputeEngine({
		openDevice: async () => {
			const device = await openDevice({ backend: 'webgpu' });
			devices.push(device);
			return device;
		},
		loadFiles: (...request) => {
			loads++;
			return loadModelFiles(...request);
		},
		kernelStore: memoryKernelStore(),
	});
	const [source] = await modelCatalogue(new URL('/', location.href).href).list();
	ownDeviceNext();
	await engine.load(source!, () => undefined, new AbortController().signal);
	return () => engine.dispose();
});

function doneAdapter(events: readonly TrainEvent[]): Adapter {
	const last = events.at(-1);
	if (last?.type !== 'done') throw new Error(`The run ended with ${JSON.stringify(last)}.`);
	return last.adapter;
}

test('a run whose device was lost goes on from its checkpoint to the same adapter', async () => {
	const broken: TrainEvent[] = [];
	let checkpoint: TrainerState | null = null;
	await engine.train(job(null), (event) => {
		broken.push(event);
		if (event.type !== 'checkpoint') return;
		checkpoint ??= event.state;
		devices[0]!.gpu!.destroy();
	}).finished;
	expect(broken.at(-1)).toMatchObject({ type: 'failed', error: { code: 'device-lost' }, lastCheckpoint: 2 });

	const rest: TrainEvent[] = [];
	await engine.train(job(checkpoint), (event) => rest.push(event)).finished;
	expect(devices).toHaveLength(2);
	const whole: TrainEvent[] = [];
	await engine.train(job(null), (event) => whole.push(event)).finished;
	const [wanted, got] = [doneAdapter(whole), doneAdapter(rest)];
	expect(got).toEqual(wanted);
});

test('two runs each end at their own checkpoint, and resume on one new device', async () => {
	const states = new Map<string, TrainerState>();
	const ends = new Map<string, TrainEvent>();
	const train = (runId: string, checkpointEvery: number): Promise<void> =>
		engine.train(job(states.get(runId) ?? null, runId, checkpointEvery), (event) => {
			ends.set(runId, event);
			if (event.type === 'checkpoint') states.set(runId, event.state);
			if (event.type === 'step' && event.metrics.step === 5 && devices.length === 1)
				devices[0]!.gpu!.destroy();
		}).finished;
	await Promise.all([train('a', 2), train('b', 3)]);
	const lost = { type: 'failed', error: { code: 'device-lost' } };
	expect(ends.get('a')).toMatchObject({ ...lost, lastCheckpoint: 4 });
	expect(ends.get('b')).toMatchObject({ ...lost, lastCheckpoint: 3 });
	await Promise.all([train('a', 2), train('b', 3)]);
	expect(devices).toHaveLength(2);
	// The first load, and one that both runs waited for.
	expect(loads).toBe(2);
	const [a, b] = ['a', 'b'].map((runId) => ends.get(runId));
	if (a?.type !== 'done' || b?.type !== 'done') throw new Error(JSON.stringify([a, b]));
	// The recipes differ only in their checkpoints.
	expect(b.adapter).toEqual(a.adapter);
});
