/** Blocks of numberFormat.ts against MLC's and GGUF's own formulas, value by value. */
import { expect, test } from 'vitest';
import { blocksOfGguf, blocksOfMlc } from '#core/format/blocks.ts';
import { halfToFloat, roundToHalf } from '#core/format/float16.ts';
import { asFloats, formatOf, wordsOf } from '#core/format/numberFormat.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { integers, normals } from '#tests/support/tensors.ts';

const BLOCKS = 7;
const EXACT = { rtol: 0, atol: 0 };

/** Every nibble occurs at every place of a word. */
const bytes = (count: number, seed: number): Uint8Array<ArrayBuffer> =>
	Uint8Array.from(integers(count, 256, seed));

const halves = (count: number, seed: number): Uint16Array<ArrayBuffer> =>
	roundToHalf(Float32Array.from(normals(count, seed, 0.01)));

test('MLC: (n − 7) · scale, the first number in the lowest nibble, scales in f32 or f16', () => {
	const words = new Uint32Array(bytes(16 * BLOCKS, 1).buffer);
	const half = halves(BLOCKS, 2);
	const full = Float32Array.from(normals(BLOCKS, 3, 0.01));
	for (const scales of [half, full]) {
		const value = (i: number): number => {
			const n = ((words[Math.floor(i / 8)] ?? 0) >>> (4 * (i % 8))) & 15;
			const scale = scales[Math.floor(i / 32)] ?? NaN;
			return Math.fround((n - 7) * (scales === half ? halfToFloat(scale) : scale));
		};
		const data = blocksOfMlc(words, scales);
		expect(data).toHaveLength(wordsOf('q4', 32 * BLOCKS));
		expect(formatOf({ data })).toBe('q4');
		const wanted = Array.from({ length: 32 * BLOCKS }, (_, i) => value(i));
		expectAllclose(asFloats({ data }), wanted, EXACT);
	}
	expect(() => blocksOfMlc(words, half.subarray(1))).toThrow('28 words of nibbles do not belong to 6 scales');
});

/** GGUF's types with the formulas of ggml-quants.c. */
const GGUF = [
	{
		type: 'Q4_0',
		scales: 1,
		integers: 16,
		value: (at: (i: number) => number, i: number, [d = NaN]: number[]) =>
			(((i < 16 ? at(i) : at(i - 16) >> 4) & 15) - 8) * d,
	},
	{
		type: 'Q4_1',
		scales: 2,
		integers: 16,
		value: (at: (i: number) => number, i: number, [d = NaN, m = NaN]: number[]) =>
			Math.fround(((i < 16 ? at(i) : at(i - 16) >> 4) & 15) * d) + m,
	},
	{
		type: 'Q8_0',
		scales: 1,
		integers: 32,
		value: (at: (i: number) => number, i: number, [d = NaN]: number[]) => ((at(i) << 24) >> 24) * d,
	},
] as const;

test.each(GGUF)('GGUF: $type', ({ type, scales, integers: count, value }) => {
	const length = 2 * scales + count;
	const file = bytes(length * BLOCKS + 1, 4).subarray(1);
	const wanted: number[] = [];
	for (let block = 0; block < BLOCKS; block++) {
		const start = block * length;
		const own = halves(scales, 5 + block);
		file.set(new Uint8Array(own.buffer), start);
		const at = (i: number): number => file[start + 2 * scales + i] ?? NaN;
		for (let i = 0; i < 32; i++) wanted.push(Math.fround(value(at, i, Array.from(own, halfToFloat))));
	}
	const stored = blocksOfGguf(type, file);
	expect(stored.data).toHaveLength(wordsOf(stored.format, 32 * BLOCKS));
	expectAllclose(asFloats(stored), wanted, EXACT);
});
