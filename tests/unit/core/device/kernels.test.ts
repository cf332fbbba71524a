import { expect, test } from 'vitest';
import { fastest, shapeKey } from '#core/device/kernels.ts';
import { allowedVariants, VariantTable } from '#engine/gpu/variants.ts';

const limits = (threads: number, bytes: number): GPUSupportedLimits =>
	({
		maxComputeInvocationsPerWorkgroup: threads,
		maxComputeWorkgroupStorageSize: bytes,
	}) as GPUSupportedLimits;

test('the fastest variant wins; without times, register tiles', () => {
	expect(fastest({ registers: 3, shared32: 2, shared64: 1, shared128: 1.5 })).toBe('shared64');
	expect(fastest({ registers: 1, shared64: 1 })).toBe('registers');
	expect(fastest({})).toBe('registers');
});

test('a device runs the tiles whose threads and memory fit', () => {
	expect(allowedVariants(limits(256, 16384))).toEqual(['registers', 'shared32', 'shared64', 'shared128']);
	expect(allowedVariants(limits(128, 16384))).toEqual(['registers', 'shared32', 'shared64']);
	expect(allowedVariants(limits(256, 8192))).toEqual(['registers', 'shared32']);
	expect(allowedVariants(limits(64, 2048))).toEqual(['registers']);
});

test('a choice applies to its class of shapes: product, widths, few or many rows', () => {
	const table = new VariantTable(['registers', 'shared32', 'shared64'], false);
	const key = shapeKey({ product: 'linear', rows: 'many', outputs: 96, inputs: 32 });
	table.useTimes({ [key]: { registers: 2, shared64: 1 } });
	expect(table.edgeOf('linear', 500, 96, 32)).toBe(64);
	expect(table.edgeOf('linear', 33, 96, 32)).toBe(64);
	// Defaults without measurements: one for GPUs, one for devices that share reads among four threads.
	expect(table.edgeOf('linear', 32, 96, 32)).toBe(32);
	expect(table.edgeOf('linear', 500, 32, 96)).toBe(32);
	expect(table.edgeOf('linearDx', 500, 96, 32)).toBe(32);
	expect(new VariantTable(table.allowed, true).edgeOf('linear', 500, 96, 32)).toBeNull();
	table.forced = 'registers';
	expect(table.edgeOf('linear', 500, 96, 32)).toBeNull();
	table.forced = 'shared32';
	expect(table.edgeOf('linearDx', 500, 96, 32)).toBe(32);
	table.forced = null;
	// f16 is allowed only in forward products, as one more candidate.
	table.halves = true;
	expect(table.candidates('linear')).toEqual([...table.allowed, 'half32', 'half64']);
	expect(table.candidates('linearDx')).toEqual(table.allowed);
	expect(table.tileOf('linear', 500, 96, 32)).toEqual({ edge: 64, half: false });
	table.useTimes({ [key]: { registers: 2, shared64: 1, half64: 0.7 } });
	expect(table.tileOf('linear', 500, 96, 32)).toEqual({ edge: 64, half: true });
	table.force('shared32');
	expect(table.tileOf('linear', 500, 96, 32)).toEqual({ edge: 32, half: true });
	expect(table.tileOf('headGrad', 500, 96, 32)).toEqual({ edge: 32, half: false });
	// The report of a gradient's variant equals the variant that runs.
	expect(table.variantOf({ product: 'headGrad', rows: 'many', outputs: 96, inputs: 32 })).toBe('shared32');
	table.force('registers');
	expect(table.tileOf('linear', 500, 96, 32)).toBeNull();
	// With one row from each of a few sequences, a workgroup's tile would be nearly empty.
	expect(table.edgeOf('linear', 4, 96, 32)).toBeNull();
});
