import { afterEach, describe, expect, it, vi } from 'vitest';
import { DeviceError, RemoteError } from '#core/errors.ts';
import { spreadSeed } from '#runtime/webllm/localTargetModel.ts';
import { explainWebLlm, requireWebGpu } from '#runtime/webllm/webGpu.ts';

afterEach(() => vi.unstubAllGlobals());

describe('requireWebGpu', () => {
	it('names navigator.gpu if the browser has none', async () => {
		vi.stubGlobal('isSecureContext', true);
		vi.stubGlobal('navigator', {});
		const error = await requireWebGpu().catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(DeviceError);
		expect(error).toMatchObject({ code: 'webgpu-missing', context: { missing: 'navigator.gpu' } });
		expect((error as DeviceError).message).toContain('navigator.gpu is not there');
	});

	it('names the plain network address if the page is not secure', async () => {
		vi.stubGlobal('isSecureContext', false);
		vi.stubGlobal('navigator', {});
		await expect(requireWebGpu()).rejects.toMatchObject({
			code: 'webgpu-missing',
			context: { missing: 'secure context' },
		});
	});

	it.each([
		['finds none', () => Promise.resolve(null)],
		['fails', () => Promise.reject(new Error('blocklisted'))],
	])('names the adapter where asking for it %s', async (_name, requestAdapter) => {
		vi.stubGlobal('navigator', { gpu: { requestAdapter } });
		await expect(requireWebGpu()).rejects.toMatchObject({
			code: 'webgpu-missing',
			context: { missing: 'adapter' },
		});
	});

	it.each([
		['rejects', () => Promise.reject(new Error('Out of memory.'))],
		[
			'throws',
			() => {
				throw new Error('Out of memory.');
			},
		],
	])('names the device where asking for it %s', async (_name, requestDevice) => {
		const adapter = { info: {}, requestDevice };
		vi.stubGlobal('navigator', { gpu: { requestAdapter: () => Promise.resolve(adapter) } });
		await expect(requireWebGpu()).rejects.toMatchObject({
			code: 'webgpu-missing',
			message: expect.stringContaining('(Out of memory)') as unknown,
			context: { missing: 'device' },
		});
	});

	it('accepts an adapter that opens a device', async () => {
		const requestDevice = () => Promise.resolve({ destroy: () => undefined });
		const adapter = { info: {}, requestDevice };
		vi.stubGlobal('navigator', { gpu: { requestAdapter: () => Promise.resolve(adapter) } });
		await expect(requireWebGpu()).resolves.toBeUndefined();
	});
});

/** WebLLM's errors differ only in name and message. */
function webLlmError(name: string, message: string): Error {
	return Object.assign(new Error(message), { name });
}

describe('explainWebLlm', () => {
	it('reads the limit that is too low, the required and the actual value', () => {
		// Message of detectGPUDevice in web-llm 0.2.86.
		const thrown = new Error(
			'Cannot initialize runtime because of requested maxStorageBuffersPerShaderStage exceeds limit. requested=10, limit=8. ',
		);
		expect(explainWebLlm(thrown, 'anchor-1m')).toMatchObject({
			kind: 'device',
			code: 'webgpu-limit',
			context: { limit: 'maxStorageBuffersPerShaderStage', need: '10', have: '8' },
			cause: thrown,
		});
	});

	it.each([
		[
			'ContextWindowSizeExceededError',
			'Prompt tokens exceed context window size: number of prompt tokens: 700; context window size: 512',
			'prompt-too-long',
		],
		['MessageOrderError', 'The last message should be from `user` or `tool`.', 'messages-order'],
		['DeviceLostError', 'The WebGPU device was lost while loading the model.', 'device-lost'],
		['OperationError', 'Device is lost', 'device-lost'],
		['ShaderF16SupportError', 'This model requires WebGPU extension shader-f16', 'webgpu-feature'],
		['Error', 'Something nobody knows', 'webllm-failed'],
	])('%s: %s', (name, message, code) => {
		const error = explainWebLlm(webLlmError(name, message), 'anchor-1m');
		expect(error.code).toBe(code);
		expect(error.hint).not.toBe('');
	});

	it('leaves our own errors unchanged', () => {
		const ours = new RemoteError('The model’s folder has no x.', { code: 'model-file-missing' });
		expect(explainWebLlm(ours, 'm')).toBe(ours);
	});
});

describe('spreadSeed', () => {
	it('spreads neighbouring seeds over WebLLM’s range', () => {
		const firstDraws = Array.from({ length: 1000 }, (_, seed) => {
			const spread = spreadSeed(seed);
			expect(Number.isInteger(spread) && spread > 0 && spread < 2 ** 31 - 1).toBe(true);
			return ((spread * 48271) % (2 ** 31 - 1)) / (2 ** 31 - 1);
		});
		const mean = firstDraws.reduce((sum, draw) => sum + draw, 0) / 1000;
		// 1,000 uniform draws have a standard error of 0.0091.
		expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
		expect(firstDraws.filter((draw) => draw < 0.1).length).toBeLessThan(140);
	});
});
