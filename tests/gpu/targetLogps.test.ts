import { expect, test } from 'vitest';
import {
	targetLogpsGradReference,
	targetLogpsReference,
	type TargetInputs,
} from '#engine/kernels/targetLogps/targetLogps.reference.ts';
import { planChunks } from '#engine/kernels/targetLogps/backward.ts';
import { targetLogps, targetLogpsGrad } from '#engine/kernels/targetLogps/targetLogps.ts';
import { expectAllclose, largest } from '#tests/support/allclose.ts';
import {
	BACKENDS,
	f32,
	f32Vector,
	i32,
	onEachBackend,
	take,
	weightOn,
	type TestBackend,
} from '#tests/support/backends.ts';
import { centralDifference, dotProduct, integers, normals, someIndices } from '#tests/support/tensors.ts';

interface Case {
	name: string;
	T: number;
	C: number;
	V: number;
	N: number;
	scale: number;
}

// Target counts around a tile of 16 rows; vocabularies that are no multiple of the tile's width, and beyond
// 256 spans; logits up to hundreds.
const CASES: readonly Case[] = [
	{ name: 'one target', T: 1, C: 4, V: 5, N: 1, scale: 1 },
	{ name: '15 targets', T: 20, C: 8, V: 8, N: 15, scale: 1 },
	{ name: '16 targets, odd vocabulary', T: 20, C: 12, V: 263, N: 16, scale: 1 },
	{ name: '17 targets, wide spans', T: 9, C: 8, V: 4099, N: 17, scale: 1 },
	{ name: '67 targets, large logits', T: 131, C: 32, V: 512, N: 67, scale: 12 },
	{ name: 'two chunks of the vocabulary', T: 20, C: 4, V: 2052, N: 2048, scale: 1 },
];

function inputsOf({ T, C, V, N, scale }: Case): TargetInputs & { h: Float64Array } {
	const rows = integers(N, T, 31);
	// A row with two targets, and a target to skip.
	if (N > 2) rows[2] = rows[1] ?? 0;
	const targets = integers(N, V, 32);
	if (N > 3) targets[3] = -1;
	return { h: normals(T * C, 33, scale), head: normals(V * C, 34), rows, targets, C };
}

// The tiles of linear, compiled for the head as well; the widest and the middle one cover every code path, and f32 and f16 weights
// each of them once.
const WIDE_TILES: readonly TestBackend[] = BACKENDS.includes('webgpu')
	? ['webgpu-shared128', 'webgpu-f16', 'webgpu-shared64-f16']
	: [];

onEachBackend(
	'targetLogps',
	(backend) => {
		// Only the GPU splits the vocabulary into chunks; the stock bodies split by rows.
		const chunked = ['webgpu', 'webgpu-plain', 'webgpu-shared64-f16'].includes(backend);
		const cases = CASES.filter(({ N }) => N < 2048 || chunked);
		test('counts many unlikely tokens beside a likely one, in a real vocabulary', async () => {
			// One after the other, f32 loses every e^0 behind e^17: their sum is 0.002 of it.
			const V = 49_152;
			const { weight } = weightOn(backend, new Float64Array(4 * V).with(0, 17), V, 4);
			const h = f32([1, 0, 0, 0], 1, 4);
			const { logps, lse, entropy } = targetLogps(h, weight, i32([0]), i32([5]));
			const wanted = Math.log(Math.exp(17) + V - 1);
			expectAllclose(await take(lse), [wanted], { atol: 1e-5 }, 'lse');
			expectAllclose(await take(logps), [-wanted], { atol: 1e-5 }, 'logps');
			const mean = (17 * Math.exp(17)) / (Math.exp(17) + V - 1);
			// WGSL's exp of −17 may be off by 37 units in the last place, and the entropy is the difference of two numbers near 17.
			expectAllclose(await take(entropy), [wanted - mean], { atol: 5e-4 }, 'entropy');
		});
		test.each(cases)('equals the reference: $name', async (c) => {
			const wide = inputsOf(c);
			const { weight, values } = weightOn(backend, Float64Array.from(wide.head), c.V, c.C);
			const inputs = { ...wide, head: values };
			const [h, head] = [f32(inputs.h, c.T, c.C), weight];
			const [rows, targets] = [i32(inputs.rows), i32(inputs.targets)];
			const { logps, lse, entropy } = targetLogps(h, head, rows, targets);
			const dlogps = normals(c.N, 35);
			const dh = targetLogpsGrad(f32Vector(dlogps), h, head, rows, targets, lse);
			const wanted = targetLogpsReference(inputs);
			const grad = targetLogpsGradReference(dlogps, inputs);
			if (c.N === 2048) expect(planChunks(c.N, c.V).chunks).toBe(2);
			// Logits of magnitude L have a rounding error of about L·2⁻²² each.
			const atol = 1e-5 + 2e-6 * largest(wanted.lse);
			expectAllclose(await take(dh), grad, { atol: atol * largest(grad), rtol: 1e-4 }, 'dh');
			expectAllclose(await take(logps), wanted.logps, { atol }, 'logps');
			expectAllclose(await take(lse), wanted.lse, { atol }, 'lse');
			expectAllclose(await take(entropy), wanted.entropy, { atol: 20 * atol }, 'entropy');
		});
	},
	[...BACKENDS, ...WIDE_TILES],
);

test('chunks of the vocabulary keep dlogits within 16 MiB at the sizes of large models', () => {
	for (const V of [1024, 32_000, 128_256, 151_936]) {
		const { width, chunks } = planChunks(1024, V);
		expect(4 * 1024 * width).toBeLessThanOrEqual(16 * 2 ** 20);
		expect(width * chunks).toBeGreaterThanOrEqual(V);
		expect(width * (chunks - 1)).toBeLessThan(V);
	}
});

test('the reference gradient equals central differences', () => {
	const inputs = inputsOf({ name: '', T: 6, C: 4, V: 11, N: 7, scale: 1 });
	const dlogps = normals(7, 36);
	const grad = targetLogpsGradReference(dlogps, inputs);
	for (const i of someIndices(inputs.h.length, 12)) {
		const slope = centralDifference(
			() => dotProduct(targetLogpsReference(inputs).logps, dlogps),
			inputs.h,
			i,
		);
		expect(grad[i]).toBeCloseTo(slope, 6);
	}
});
