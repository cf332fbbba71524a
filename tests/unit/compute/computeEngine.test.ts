/**
 * Errors of the compute engine: no model, the same run twice at once. tests/gpu
 * tests its computations.
 */
import { expect, test } from 'vitest';
import { Cancelled, DeviceError } from '#core/errors.ts';
import type { DeviceReport, TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import type { Device } from '#engine/device.ts';
import type { ModelFiles } from '#runtime/models/modelFiles.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';
import { LocalComputeEngine } from '#compute/computeEngine.ts';

const SOURCE = {
	id: 'm',
	title: '',
	url: '/',
	library: null,
	parameters: 0,
	origin: { place: 'page' as const },
};
const JOB = {
	runId: 'run',
	recipe: DEFAULT_RECIPE,
	pairs: [],
	resume: null,
	startPaused: false,
	answers: null,
};
const never = new AbortController().signal;

/** A device that only reports, because these tests end before any computation. */
function device(): Device {
	const report: DeviceReport = {
		...{ backend: 'webgpu', vendor: 'test', architecture: '', description: '', features: [] },
		...{ limits: {}, fallbackReason: null },
	};
	return { report, gpu: null, lost: new Promise(() => undefined), fault: () => null, close: () => undefined };
}

const FILES: ModelFiles = {
	config: SMALL_MODEL,
	eachWeight: async (use) => {
		await use('embed_tokens.weight', { shape: [50, 12], data: new Float32Array(600) });
	},
	tokenizerJson: null,
	tokenizerConfig: null,
	chatConfig: null,
};

function engine(files: () => Promise<ModelFiles> = () => Promise.resolve(FILES)): LocalComputeEngine {
	return new LocalComputeEngine({
		openDevice: () => Promise.resolve(device()),
		loadFiles: files,
		kernelStore: memoryKernelStore(),
	});
}

test('without a model, answers are refused and a run ends with the reason', async () => {
	const request = { prompts: [], sampling: DEFAULT_RECIPE.sampling, adapter: null, strength: 1 };
	await expect(engine().generate(request, () => undefined, never)).rejects.toMatchObject({
		code: 'model-not-loaded',
	});
	const events: TrainEvent[] = [];
	await engine().train(JOB, (event) => events.push(event)).finished;
	expect(events).toMatchObject([
		{ type: 'failed', error: { code: 'model-not-loaded' }, step: 0, lastCheckpoint: null },
	]);
});

test('a run that trains is refused a second time by its name, and another run is not', async () => {
	const compute = engine();
	const first = compute.train(JOB, () => undefined).finished;
	await expect(compute.train(JOB, () => undefined).finished).rejects.toMatchObject({
		code: 'already-training',
		message: 'Run run is training already.',
		context: { runId: 'run' },
	});
	const ends: string[] = [];
	const second = compute.train({ ...JOB, runId: 'other' }, ({ type }) => ends.push(type)).finished;
	await Promise.all([first, second]);
	expect(ends).toEqual(['failed']);
	// Both runs have ended, so the id is free again.
	await compute.train(JOB, () => undefined).finished;
});

test('while a run trains, neither the model nor the GPU programs change', async () => {
	const compute = engine();
	const run = compute.train(JOB, () => undefined).finished;
	const refused = { code: 'already-training', context: { runId: 'run' } };
	const settings = { programs: 'auto', weights: 'f32', arithmetic: 'f32' } as const;
	await Promise.all([
		expect(compute.load(SOURCE, () => undefined, never)).rejects.toMatchObject(refused),
		expect(compute.setKernels(settings)).rejects.toMatchObject(refused),
		run,
	]);
});

test('a run that starts while the files of another model load keeps its model', async () => {
	let train = (): Promise<void> => Promise.resolve();
	const compute = engine(async () => {
		void train();
		await Promise.resolve();
		return FILES;
	});
	train = () => compute.train(JOB, () => undefined).finished;
	await expect(compute.load(SOURCE, () => undefined, never)).rejects.toMatchObject({
		code: 'already-training',
	});
});

test('a load that was cancelled while the files came leaves no model', async () => {
	const cancel = new AbortController();
	const compute = engine(() => {
		cancel.abort();
		return Promise.resolve(FILES);
	});
	await expect(compute.load(SOURCE, () => undefined, cancel.signal)).rejects.toThrow(Cancelled);
});

test('a device that does not open is tried again at the next call', async () => {
	let tries = 0;
	const compute = new LocalComputeEngine({
		openDevice: () => {
			tries++;
			return tries === 1 ? Promise.reject(new DeviceError('none', { code: 'x' })) : Promise.resolve(device());
		},
		loadFiles: () => Promise.resolve(FILES),
		kernelStore: memoryKernelStore(),
	});
	await expect(compute.device()).rejects.toThrow(DeviceError);
	expect((await compute.device()).vendor).toBe('test');
});
