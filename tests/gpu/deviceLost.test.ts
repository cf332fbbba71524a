/**
 * A GPU that is lost in mid-run: the run ends with an event, and the next call opens a new device and works.
 */
import { expect, test } from 'vitest';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { TrainEvent, TrainJob, TrainerState } from '#core/ports.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { worldPrompts } from '#core/world/prompts.ts';
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

function job(resume: TrainerState | null): TrainJob {
	const training = { ...DEFAULT_RECIPE.training, steps: 6, batchPairs: 2, checkpointEvery: 2 };
	return {
		runId: 'run',
		recipe: { ...DEFAULT_RECIPE, training },
		pairs: PAIRS,
		resume,
		startPaused: false,
		answers: null,
	};
}

function doneAdapter(events: readonly TrainEvent[]): Adapter {
	const last = events.at(-1);
	if (last?.type !== 'done') throw new Error(`The run ended with ${JSON.stringify(last)}.`);
	return last.adapter;
}

test('a run whose device was lost goes on from its checkpoint to the same adapter', async () => {
	const devices: Device[] = [];
	const open = async (): Promise<Device> => {
		const device = await openDevice({ backend: 'webgpu' });
		devices.push(device);
		return device;
	};
	const engine = new LocalComputeEngine({
		openDevice: open,
		loadFiles: loadModelFiles,
		kernelStore: memoryKernelStore(),
	});
	const [source] = await modelCatalogue(new URL('/', location.href).href).list();
	ownDeviceNext();
	await engine.load(source!, () => undefined, new AbortController().signal);

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
	await engine.dispose();
});
