/**
 * Number formats of a model's weights, in files and on the device.
 *
 * q4, q4m and q8 are blocks: 32 consecutive numbers of a row as packed integers, the first in the lowest bits of
 * the first word, then one word with the block's scale. MLC's and GGUF's blocks become these without rounding
 * (blocks.ts).
 *
 *   q4   four words of nibbles n, the scale s in f32          value = (n − 7) · s
 *   q4m  four words of nibbles n, then d and m, both in f16   value = n · d + m
 *   q8   eight words of signed bytes n, the scale s in f32    value = n · s
 */
import { halfToFloat, widenBrainFloat, widenHalf } from './float16.ts';

export type BlockFormat = 'q4' | 'q4m' | 'q8';
export type NumberFormat = 'f32' | 'f16' | 'bf16' | BlockFormat;

/** Numbers of a block. */
export const BLOCK_SIZE = 32;

/** `numbers` numbers take `words` words of 32 bits. */
export const PACKING: Readonly<Record<NumberFormat, { readonly numbers: number; readonly words: number }>> = {
	f32: { numbers: 1, words: 1 },
	f16: { numbers: 2, words: 1 },
	bf16: { numbers: 2, words: 1 },
	q4: { numbers: BLOCK_SIZE, words: 5 },
	q4m: { numbers: BLOCK_SIZE, words: 5 },
	q8: { numbers: BLOCK_SIZE, words: 9 },
};

export function isBlockFormat(format: NumberFormat): format is BlockFormat {
	return PACKING[format].numbers === BLOCK_SIZE;
}

/** Words of 32 bits that `count` numbers take; a row of blocks is filled up. */
export function wordsOf(format: NumberFormat, count: number): number {
	const { numbers, words } = PACKING[format];
	return Math.ceil(count / numbers) * words;
}

/** Numbers of a file: float32; the bits of 16-bit floats; or the words of blocks. */
export interface StoredNumbers {
	readonly data: Float32Array | Uint16Array | Uint32Array;
	/** Default: f32 for a Float32Array, f16 for a Uint16Array, q4 for a Uint32Array. */
	readonly format?: NumberFormat;
}

export function formatOf({ data, format }: StoredNumbers): NumberFormat {
	if (format !== undefined) return format;
	if (data instanceof Float32Array) return 'f32';
	return data instanceof Uint16Array ? 'f16' : 'q4';
}

/** The numbers in f32; f32 itself is not copied. A block's values are rounded to f32 once. */
export function asFloats(stored: StoredNumbers): Float32Array {
	const { data } = stored;
	if (data instanceof Float32Array) return data;
	const format = formatOf(stored);
	if (data instanceof Uint32Array) return widenBlocks(data, format as BlockFormat);
	return format === 'bf16' ? widenBrainFloat(data) : widenHalf(data);
}

function widenBlocks(words: Uint32Array, format: BlockFormat): Float32Array<ArrayBuffer> {
	const size = PACKING[format].words;
	const bits = format === 'q8' ? 8 : 4;
	const scales = new Float32Array(words.buffer, words.byteOffset, words.length);
	const values = new Float32Array((words.length / size) * BLOCK_SIZE);
	for (let block = 0, to = 0; block < words.length; block += size) {
		const last = block + size - 1;
		const pair = words[last] ?? 0;
		const scale = format === 'q4m' ? halfToFloat(pair & 0xffff) : (scales[last] ?? 0);
		const least = format === 'q4m' ? halfToFloat(pair >>> 16) : 0;
		for (let i = 0; i < BLOCK_SIZE; i++, to++) {
			const word = words[block + Math.floor((i * bits) / 32)] ?? 0;
			const own = (word << (32 - bits - ((i * bits) % 32))) >> (32 - bits);
			const n = format === 'q8' ? own : (own & 15) - (format === 'q4' ? 7 : 0);
			values[to] = n * scale + least;
		}
	}
	return values;
}
