/** A real GPU behind a browser that reports little or refuses part of a request. */
import { afterEach, expect, test } from 'vitest';
import { openDevice, type Device } from '#engine/device.ts';
import { rmsNorm } from '#engine/kernels/rmsNorm/rmsNorm.ts';
import { readNow } from '#engine/memory.ts';
import { f32, f32Vector } from '#tests/support/backends.ts';

const restores: (() => void)[] = [];
let device: Device | null = null;
afterEach(() => {
	for (const restore of restores.splice(0)) restore();
	device?.close();
});

/** Replaces a property of the adapter until the end of the test. */
function replace(name: 'info' | 'requestDevice' | 'requestAdapterInfo', property: PropertyDescriptor): void {
	const { prototype } = GPUAdapter;
	const own = Object.getOwnPropertyDescriptor(prototype, name);
	Object.defineProperty(prototype, name, { configurable: true, ...property });
	restores.push(() => {
		if (own === undefined) Reflect.deleteProperty(prototype, name);
		else Object.defineProperty(prototype, name, own);
	});
}

async function expectComputes(): Promise<void> {
	device = await openDevice();
	expect(device.report.backend).toBe('webgpu');
	const y = rmsNorm(f32([3, 3, 3, 3], 1, 4), f32Vector([1, 2, 1, 2]), 0);
	expect([...(await readNow(y))]).toEqual([1, 2, 1, 2]);
	expect(device.fault()).toBeNull();
}

test('an adapter without info has empty facts', async () => {
	replace('info', { get: () => undefined });
	await expectComputes();
	expect(device?.report).toMatchObject({ vendor: '', architecture: '', description: '' });
});

test('an older browser gives the facts by requestAdapterInfo()', async () => {
	replace('info', { get: () => undefined });
	replace('requestAdapterInfo', { value: () => Promise.resolve({ vendor: 'acme', description: 'Acme 1' }) });
	await expectComputes();
	expect(device?.report).toMatchObject({ vendor: 'acme', architecture: '', description: 'Acme 1' });
});

test('info that throws does not matter', async () => {
	replace('info', {
		get: () => {
			throw new Error('Not allowed.');
		},
	});
	await expectComputes();
});

test('a driver that refuses its own features and limits opens with the needed ones', async () => {
	// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
	const { requestDevice } = GPUAdapter.prototype;
	replace('requestDevice', {
		value(this: GPUAdapter, request: GPUDeviceDescriptor): Promise<GPUDevice> {
			const features = [...(request.requiredFeatures ?? [])];
			if (features.length > 0) return Promise.reject(new Error('Unsupported feature.'));
			return requestDevice.call(this, request);
		},
	});
	await expectComputes();
	expect(device?.report.features).not.toContain('shader-f16');
});
