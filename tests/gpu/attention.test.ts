import { expect, test } from 'vitest';
import {
	attentionGradReference,
	attentionReference,
	keysOf,
	type AttentionInputs,
} from '#engine/kernels/attention/attention.reference.ts';
import { attention, attentionGrad } from '#engine/kernels/attention/attention.ts';
import { ropeTable } from '#engine/kernels/attention/rope.ts';
import { recorder } from '#engine/gpu/record.ts';
import { tensor2d } from '#engine/tensor.ts';
import { expectAllclose, largest } from '#tests/support/allclose.ts';
import { BACKENDS, f32, i32, onEachBackend, take, type TestBackend } from '#tests/support/backends.ts';
import { centralDifference, dotProduct, normals, someIndices } from '#tests/support/tensors.ts';

interface Packed {
	positions: Int32Array;
	layout: Int32Array;
}

/** Pairs that share a prompt, then single sequences, then padding rows. */
function pack(pairs: readonly [number, number, number][], lone: readonly number[], padding: number): Packed {
	const positions: number[] = [];
	const layout: number[] = [];
	const add = (count: number, prefix: readonly [number, number], from: number, queryEnd: number): void => {
		const start = positions.length;
		for (let i = 0; i < count; i++) {
			positions.push(from + i);
			layout.push(prefix[0], prefix[1], start, queryEnd);
		}
	};
	for (const [prompt, chosen, rejected] of pairs) {
		const start = positions.length;
		const own = [start, start + prompt] as const;
		add(prompt, [0, 0], 0, start + prompt + chosen + rejected);
		add(chosen, own, prompt, start + prompt + chosen);
		add(rejected, own, prompt, start + prompt + chosen + rejected);
	}
	for (const count of lone) add(count, [0, 0], 0, positions.length + count);
	for (let i = 0; i < padding; i++) add(1, [0, 0], 0, positions.length + 1);
	return { positions: Int32Array.from(positions), layout: Int32Array.from(layout) };
}

/** The scale is that of heads of 20, padded. */
const GROUPED = { heads: 6, kvHeads: 3, headSize: 24, scale: 20 ** -0.5 } as const;

const CASES = [
	{ name: 'one row', heads: 1, kvHeads: 1, headSize: 8, scale: 8 ** -0.5, ...pack([], [1], 0) },
	{
		name: '63 rows, shared keys',
		heads: 4,
		kvHeads: 1,
		headSize: 16,
		scale: 16 ** -0.5,
		...pack([], [40, 23], 0),
	},
	{ name: '64 rows', heads: 2, kvHeads: 2, headSize: 8, scale: 8 ** -0.5, ...pack([[10, 20, 30]], [], 4) },
	{ name: '65 rows, grouped', ...GROUPED, ...pack([[5, 9, 3]], [41, 7], 0) },
	{
		name: '131 rows, pairs',
		heads: 4,
		kvHeads: 2,
		headSize: 32,
		scale: 32 ** -0.5,
		...pack(
			[
				[17, 20, 31],
				[1, 2, 1],
			],
			[53],
			6,
		),
	},
	{
		name: '61 rows, heads of 64',
		heads: 3,
		kvHeads: 1,
		headSize: 64,
		scale: 64 ** -0.5,
		...pack([[3, 20, 17]], [19], 2),
	},
	{
		name: '28 rows, heads of 128',
		heads: 2,
		kvHeads: 1,
		headSize: 128,
		scale: 128 ** -0.5,
		...pack([[9, 7, 12]], [], 0),
	},
] as const;

type Case = Omit<(typeof CASES)[number], 'name' | 'heads' | 'kvHeads' | 'headSize' | 'scale'> & {
	name: string;
	heads: number;
	kvHeads: number;
	headSize: number;
	scale: number;
};

/**
 * All row counts on every backend. A program's text depends only on its heads, and each program takes seconds
 * to compile on WebGPU; there heads of 24 (no power of two, two per key head) replace smaller ones, and the default programs also
 * run with four heads of 16 that share their keys. On a software GPU the default programs have one line per quad of a head,
 * and compile slowly: heads of 128, which change the tiles of the other programs, would only make the same text longer there.
 */
function casesOn(backend: TestBackend): readonly Case[] {
	if (!backend.startsWith('webgpu')) return CASES;
	const [smallest, largest] = backend === 'webgpu' ? [16, 64] : [64, 128];
	return CASES.filter(({ headSize }) => headSize <= largest).map((c) => {
		if (c.headSize >= smallest) return c;
		return { ...c, name: `${c.positions.length} rows, heads of 24`, ...GROUPED };
	});
}

function inputsOf(c: Case, scale = 1) {
	const half = c.headSize / 2;
	const frequencies = Float64Array.from({ length: half }, (_, i) => 10_000 ** (-i / half));
	const T = c.positions.length;
	const width = (c.heads + 2 * c.kvHeads) * c.headSize;
	const P = Math.max(...c.positions) + 1;
	const rope = Float64Array.from({ length: P * c.headSize }, (_, i) => {
		const angle = Math.floor(i / c.headSize) * (frequencies[i % half] ?? 0);
		return Math.fround(i % c.headSize < half ? Math.cos(angle) : Math.sin(angle));
	});
	const inputs: AttentionInputs & { qkv: Float64Array } = {
		qkv: normals(T * width, 21, scale),
		positions: c.positions,
		layout: c.layout,
		rope,
	};
	const dO = normals(T * c.heads * c.headSize, 22);
	const tensors = () => ({
		qkv: f32(inputs.qkv, T, width),
		positions: i32(c.positions),
		layout: tensor2d(c.layout, [T, 4], 'int32'),
		dO: f32(dO, T, c.heads * c.headSize),
		config: { ...c, rope: ropeTable(frequencies, P) },
	});
	return { inputs, dO, tensors };
}

async function equalsReference(c: Case): Promise<void> {
	const { inputs, dO, tensors } = inputsOf(c);
	const t = tensors();
	const wanted = attentionReference(inputs, c);
	const saved = attention(t.qkv, t.positions, t.layout, t.config);
	const dqkv = attentionGrad(t.dO, saved, t.positions, t.layout, t.config);
	const grad = attentionGradReference(dO, inputs, c);
	expectAllclose(await take(dqkv), grad, { atol: 4e-6 * largest(grad) }, 'dqkv');
	expectAllclose(await take(saved.o), wanted.o, {}, 'o');
	const stats = await take(saved.stats);
	expectAllclose(
		stats.filter((_, i) => i % 2 === 0),
		wanted.lse,
		{},
		'lse',
	);
	expectAllclose(await take(saved.rotated), wanted.rotated, {}, 'rotated');
}

onEachBackend('attention', (backend) => {
	test.each(casesOn(backend))('equals the reference: $name', equalsReference);

	test('scores of large magnitude neither overflow nor lose the winner', async () => {
		const c = CASES[3];
		const { inputs, dO, tensors } = inputsOf(c, 30);
		const t = tensors();
		const saved = attention(t.qkv, t.positions, t.layout, t.config);
		const grad = attentionGradReference(dO, inputs, c);
		const dqkv = attentionGrad(t.dO, saved, t.positions, t.layout, t.config);
		expectAllclose(await take(dqkv), grad, { atol: 2e-3 * largest(grad) }, 'dqkv');
		const { o } = attentionReference(inputs, c);
		expectAllclose(await take(saved.o), o, { atol: 2e-4 * largest(o) }, 'o');
	});

	test('heads that do not fit are refused', () => {
		const t = inputsOf(CASES[2]).tensors();
		expect(() => attention(t.qkv, t.positions, t.layout, { ...t.config, kvHeads: 3 })).toThrow(
			'not supported',
		);
		expect(() => attention(t.qkv, t.positions, t.layout, { ...t.config, headSize: 4 })).toThrow(
			'not supported',
		);
	});
});

// Tiles of 4 rows, which devices with more memory use only for wider heads.
onEachBackend(
	'attention in the least memory that WebGPU promises a workgroup,',
	() => {
		test.each(CASES.filter(({ headSize }) => headSize === 128))('equals the reference: $name', async (c) => {
			Object.defineProperty(recorder(), 'workgroup', { value: { threads: 256, bytes: 16_384 } });
			await equalsReference(c);
		});
	},
	BACKENDS.filter((backend) => backend === 'webgpu-plain'),
);

test('the layout of a shared prompt is symmetric: key j is seen exactly by rows [j, queryEnd)', () => {
	const { layout, positions } = CASES[4];
	for (let i = 0; i < positions.length; i++) {
		const keys = new Set(keysOf(layout, i));
		for (let j = 0; j < positions.length; j++) {
			const seen = i >= j && i < (layout[4 * j + 3] ?? 0);
			// A rejected row is in the range of chosen keys' rows only through the prompt: chosen keys end before
			// it.
			expect(keys.has(j), `row ${i}, key ${j}`).toBe(seen);
		}
	}
});

test('the reference gradient equals central differences', () => {
	const c = CASES[2];
	const { inputs, dO } = inputsOf(c);
	const grad = attentionGradReference(dO, inputs, c);
	for (const i of someIndices(inputs.qkv.length, 12)) {
		const slope = centralDifference(() => dotProduct(attentionReference(inputs, c).o, dO), inputs.qkv, i);
		expect(grad[i]).toBeCloseTo(slope, 6);
	}
});
