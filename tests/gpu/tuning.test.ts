/**
 * The measurement that chooses programs, on a real device. Its result depends on the device, so the tests
 * check only its form.
 */
import { afterEach, expect, test } from 'vitest';
import { KERNEL_VARIANTS } from '#core/device/kernels.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { linear } from '#engine/kernels/linear/linear.ts';
import { linearReference } from '#engine/kernels/linear/linear.reference.ts';
import { counters, memoryReport } from '#engine/memory.ts';
import type { TunedMatmul } from '#engine/tuning/measure.ts';
import { deviceKey, Tuner } from '#engine/tuning/tuner.ts';
import { f32Weight } from '#engine/weight.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32, take } from '#tests/support/backends.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { normals } from '#tests/support/tensors.ts';

const [N, K] = [40, 24];
const PLAIN = { weights: 'f32', arithmetic: 'f32' } as const;
let device: Device;
afterEach(() => expect(device.fault()?.message).toBeUndefined());

function products(): TunedMatmul[] {
	const weight = f32Weight(f32(normals(N * K, 1), N, K));
	return [
		{ product: 'linear', rows: 'many', weight },
		{ product: 'linear', rows: 'few', weight },
		{ product: 'dlogits', rows: 'many', weight },
		{ product: 'headGrad', rows: 'many', weight },
	];
}

test('measures what the store lacks, once; keeps it by device; a setting overrides it', async () => {
	device = await openDevice({ backend: 'webgpu', kernels: 'plain' });
	const store = memoryKernelStore();
	const tuner = new Tuner(store);
	await tuner.begin(device);
	expect(tuner.report()).toMatchObject({
		settings: { programs: 'auto', weights: 'stored', arithmetic: 'f32' },
		source: 'pending',
		choices: [],
	});

	const list = products();
	const before = memoryReport().tensors;
	await tuner.tune(device.report, list.slice(0, 1));
	expect(memoryReport().tensors).toBe(before);
	const report = tuner.report();
	expect(report?.source).toBe('measured');
	expect(report?.choices).toMatchObject([{ product: 'linear', rows: 'many', outputs: N, inputs: K }]);
	for (const { variant, faster } of report?.choices ?? []) {
		expect(KERNEL_VARIANTS).toContain(variant);
		// The choice has the smallest time, and register tiles are among the times.
		expect(faster).toBeGreaterThanOrEqual(1);
	}

	// Stored times are not measured again: nothing is compiled or dispatched for them.
	const kept = store.byDevice.get(deviceKey(device.report, PLAIN));
	const again = new Tuner(store);
	await again.begin(device);
	const { dispatches } = counters();
	await again.tune(device.report, list.slice(0, 1));
	expect(counters().dispatches).toBe(dispatches);
	expect(again.report()?.choices).toEqual(report?.choices);
	await again.tune(device.report, list);
	expect(counters().dispatches).toBeGreaterThan(dispatches);
	expect(store.byDevice.get(deviceKey(device.report, PLAIN))).toMatchObject(kept ?? {});

	await again.set({ programs: 'shared32', weights: 'f16', arithmetic: 'f32' });
	expect(again.report()?.choices.map(({ variant }) => variant)).toEqual(list.map(() => 'shared32'));
	const x = normals(40 * K, 2);
	const { y } = linear(f32(x, 40, K), list[0]!.weight);
	expectAllclose(await take(y), linearReference(x, normals(N * K, 1), { T: 40, K, N }).y);
	const later = new Tuner(store);
	await later.begin(device);
	expect(later.report()?.settings).toEqual({ programs: 'shared32', weights: 'f16', arithmetic: 'f32' });
});

test('a device that shares reads among four threads keeps its known programs and measures nothing', async () => {
	device = await openDevice({ backend: 'webgpu' });
	const store = memoryKernelStore();
	const tuner = new Tuner(store);
	await tuner.begin(device);
	const { dispatches } = counters();
	await tuner.tune(device.report, products());
	if (tuner.report()?.source !== 'known') return;
	expect(counters().dispatches).toBe(dispatches);
	expect(store.byDevice.size).toBe(0);
	expect(
		tuner.report()?.choices.every(({ variant, faster }) => variant === 'registers' && faster === null),
	).toBe(true);
});
