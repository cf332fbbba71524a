/** A GPU that opens badly: the page runs on the processor, and the report says why. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DeviceError } from '#core/errors.ts';
import { acquireGpu } from '#engine/gpu/acquire.ts';
import { openDevice } from '#engine/device.ts';

afterEach(() => vi.unstubAllGlobals());

const LIMITS = {
	maxBufferSize: 2 ** 28,
	maxStorageBufferBindingSize: 2 ** 27,
	maxStorageBuffersPerShaderStage: 8,
	maxComputeWorkgroupStorageSize: 16384,
	maxComputeInvocationsPerWorkgroup: 256,
	maxComputeWorkgroupSizeX: 256,
	maxComputeWorkgroupsPerDimension: 65535,
};
const pending = (): Promise<never> => new Promise(() => undefined);
const rejects = (message: string) => (): Promise<never> => Promise.reject(new Error(message));

/** A device whose every method fails, unless a test replaces it. */
function deviceWith(parts: object): object {
	return { limits: LIMITS, features: new Set(), lost: pending(), destroy: () => undefined, ...parts };
}

function adapterWith(parts: object): object {
	return { limits: LIMITS, features: new Set(), info: {}, requestDevice: rejects('No device.'), ...parts };
}

const gpuOf = (adapter: unknown): object => ({ gpu: { requestAdapter: () => Promise.resolve(adapter) } });
const opening = (device: unknown): object =>
	gpuOf(adapterWith({ requestDevice: () => Promise.resolve(device) }));
const throwing = (text: string) => (): never => {
	throw new Error(text);
};

const FAULTS: [fault: string, navigator: object, reason: RegExp][] = [
	['there is no navigator.gpu', {}, /navigator\.gpu is not there/],
	['navigator.gpu is null', { gpu: null }, /navigator\.gpu is not there/],
	[
		'reading navigator.gpu throws',
		Object.defineProperty({}, 'gpu', { get: throwing('Blocked by policy.') }),
		/navigator\.gpu is not there \(Blocked by policy\)\./,
	],
	['no adapter is found', gpuOf(null), /found no graphics processor/],
	['the adapter is undefined', gpuOf(undefined), /found no graphics processor/],
	[
		'requestAdapter rejects',
		{ gpu: { requestAdapter: rejects('The GPU process crashed.') } },
		/found no graphics processor.*\(The GPU process crashed\)/,
	],
	[
		'requestAdapter throws',
		{ gpu: { requestAdapter: throwing('Not allowed') } },
		/found no graphics processor.*\(Not allowed\)/,
	],
	['requestAdapter is missing', { gpu: {} }, /found no graphics processor/],
	[
		'requestDevice rejects',
		gpuOf(adapterWith({ requestDevice: rejects('Device creation failed.') })),
		/could not be opened.*\(Device creation failed\)/,
	],
	[
		'requestDevice rejects without a text',
		gpuOf(adapterWith({ requestDevice: () => Promise.reject(new DOMException()) })),
		/could not be opened with WebGPU\.$/,
	],
	['requestDevice gives null', opening(null), /could not be opened/],
	[
		'the adapter has no limits, features or facts',
		gpuOf({ requestDevice: rejects('Out of memory') }),
		/could not be opened/,
	],
	[
		'a limit is too low',
		gpuOf(adapterWith({ limits: { ...LIMITS, maxStorageBuffersPerShaderStage: 4 } })),
		/maxStorageBuffersPerShaderStage = 4; the model needs 8/,
	],
	[
		'the device reports an odd limit',
		opening(deviceWith({ limits: { ...LIMITS, maxBufferSize: Number.NaN } })),
		/does not report its maxBufferSize/,
	],
	['the device has no limits', opening(deviceWith({ limits: undefined })), /does not report its/],
	[
		'the device is lost at once',
		opening(
			deviceWith({
				lost: Promise.resolve({ message: 'The driver was reset.' }),
				createBuffer: () => ({ destroy: () => undefined }),
				queue: { writeBuffer: () => undefined },
				createShaderModule: throwing('late'),
			}),
		),
		/could not be opened/,
	],
	[
		'the device makes no buffer',
		opening(deviceWith({ createBuffer: throwing('createBuffer failed') })),
		/could not be opened.*\(createBuffer failed\)/,
	],
];

describe.each(FAULTS)('%s', (_fault, navigator, reason) => {
	it('runs on the processor and says why', async () => {
		vi.stubGlobal('navigator', navigator);
		const { report } = await openDevice();
		expect(report.backend).toBe('wasm');
		expect(report.fallbackReason).toMatch(reason);
		expect(report.fallbackReason).not.toMatch(/fault of the workbench/);
	});

	it('is a DeviceError with a hint if WebGPU is asked for', async () => {
		vi.stubGlobal('navigator', navigator);
		const error = await openDevice({ backend: 'webgpu' }).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(DeviceError);
		expect((error as DeviceError).hint).not.toBe('');
	});
});

it('a browser that never answers counts as one without WebGPU', async () => {
	vi.stubGlobal('navigator', { gpu: { requestAdapter: pending } });
	await expect(acquireGpu({}, 10)).rejects.toMatchObject({
		code: 'webgpu-missing',
		message: expect.stringContaining('no answer within 0.01 seconds') as unknown,
	});
});

it('a plain network address is named, because there every browser hides WebGPU', async () => {
	vi.stubGlobal('navigator', {});
	vi.stubGlobal('isSecureContext', false);
	const { report } = await openDevice();
	expect(report.fallbackReason).toMatch(/plain network address/);
});
