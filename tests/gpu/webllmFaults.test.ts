/** WebLLM on machines with a fault: the error names it, and the next try works. */
import { afterEach, describe, expect, it } from 'vitest';
import { Cancelled, DeviceError, FormatError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { WebLlmTargetModel } from '#runtime/webllm/targetModel.ts';

const never = new AbortController().signal;
const request = {
	messages: [{ role: 'user' as const, content: 'Sort these words: kiwi apple.' }],
	sampling: { temperature: 0, topP: 1, maxTokens: 24, seed: 1 },
};
const models: WebLlmTargetModel[] = [];
let worker: Worker | undefined;

function modelOn(fault: string): WebLlmTargetModel {
	const model = new WebLlmTargetModel(() => {
		worker = new Worker(new URL('../support/faulty.worker.ts', import.meta.url), {
			type: 'module',
			name: fault,
		});
		return worker;
	});
	models.push(model);
	return model;
}

const libraryFile = (file: string): ModelSource['library'] => ({ place: 'folder', file, loraRank: 16 });

async function embedded(): Promise<ModelSource> {
	const [source] = await modelCatalogue(new URL('/', location.href).href).list();
	if (source === undefined) throw new Error('The catalogue is empty.');
	return source;
}

async function loadOn(fault: string, change: Partial<ModelSource> = {}): Promise<unknown> {
	const source = { ...(await embedded()), ...change };
	return modelOn(fault)
		.load(source, () => undefined, never)
		.then(
			() => null,
			(error: unknown) => error,
		);
}

afterEach(async () => {
	await Promise.all(models.splice(0).map((model) => model.dispose()));
}, 60_000);

describe('loading', () => {
	it.each([
		['missing', 'webgpu-missing', { missing: 'navigator.gpu' }],
		['no-adapter', 'webgpu-missing', { missing: 'adapter' }],
		['small', 'webgpu-limit', { limit: 'maxStorageBuffersPerShaderStage', need: '10', have: '8' }],
	])('on a machine that is %s names what is wrong', async (fault, code, context) => {
		const error = await loadOn(fault);
		expect(error).toBeInstanceOf(DeviceError);
		expect(error).toMatchObject({ code, context });
		expect((error as DeviceError).hint).not.toBe('');
	});

	it('names a library that is not there, without asking WebLLM', async () => {
		// The test server answers unknown addresses with 404 or with its page; the error names either.
		expect(await loadOn('none', { library: libraryFile('absent.wasm') })).toMatchObject({
			code: expect.stringMatching(/^model-file-(missing|html)$/) as unknown,
		});
	});

	it('names a library that is none', async () => {
		const error = await loadOn('none', { library: libraryFile('tokenizer.json') });
		expect(error).toMatchObject({ code: 'webllm-failed' });
		expect(error).not.toBeInstanceOf(FormatError);
	});

	it('names a worker that could not be started', async () => {
		const model = new WebLlmTargetModel(() => new Worker('/no-such-worker.js', { type: 'module' }));
		const source = await embedded();
		await expect(model.load(source, () => undefined, never)).rejects.toMatchObject({
			kind: 'device',
			code: 'worker-died',
		});
	});

	it('can be stopped, and begun again', async () => {
		const model = modelOn('none');
		const source = await embedded();
		const stop = new AbortController();
		await expect(model.load(source, () => stop.abort(), stop.signal)).rejects.toBeInstanceOf(Cancelled);
		await model.load(source, () => undefined, never);
		expect((await model.complete(request, never)).tokens).toBeGreaterThan(0);
	});
});

describe('a device that is lost', () => {
	it('in the middle of an answer is named, and a new load works', async () => {
		const model = modelOn('fragile');
		const source = await embedded();
		await model.load(source, () => undefined, never);
		const before = await model.complete(request, never);
		const lost = model.complete(request, never, () => worker?.postMessage('lose'));
		await expect(lost).rejects.toMatchObject({ kind: 'device', code: 'device-lost' });
		await expect(model.complete(request, never)).rejects.toMatchObject({ code: 'webllm-no-model' });
		await model.load(source, () => undefined, never);
		expect(await model.complete(request, never)).toEqual(before);
	});
});
