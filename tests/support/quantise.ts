/** Quantises matrices of tests, as python/webllm/convert.py and ggml-quants.c do. */
import { blocksOfMlc } from '#core/format/blocks.ts';
import { roundToHalf, widenHalf } from '#core/format/float16.ts';
import {
	asFloats,
	BLOCK_SIZE,
	wordsOf,
	type NumberFormat,
	type StoredNumbers,
} from '#core/format/numberFormat.ts';
import { at } from '#core/math/at.ts';

/** MLC's q4f32_1 or q4f16_1: words [N, K/8] and scales [N, K/32]; K is a multiple of 32. */
export function quantiseMlc(
	values: Float32Array,
	scaleFormat: 'f32' | 'f16' = 'f32',
): { words: Uint32Array<ArrayBuffer>; scales: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> } {
	const blocks = values.length / BLOCK_SIZE;
	const floats = Float32Array.from({ length: blocks }, (_, b) =>
		Math.max(Math.max(...blockOf(values, b).map(Math.abs)) / 7, 1e-8),
	);
	const scales = scaleFormat === 'f16' ? roundToHalf(floats) : floats;
	const used = scales instanceof Uint16Array ? widenHalf(scales) : scales;
	const words = new Uint32Array(values.length / 8);
	values.forEach((value, i) => {
		const n = Math.round(value / at(used, Math.floor(i / BLOCK_SIZE)) + 7);
		put(words, Math.floor(i / 8), i % 8, 4, Math.min(14, Math.max(0, n)));
	});
	return { words, scales };
}

/** A matrix [N, K] in a format of the device; blocks need K to be a multiple of 32. */
export function storedAs(format: NumberFormat, values: Float32Array): StoredNumbers {
	if (format === 'f32') return { data: values };
	if (format === 'f16') return { data: roundToHalf(values) };
	if (format === 'bf16') {
		const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
		return { data: Uint16Array.from(bits, (word) => word >>> 16), format };
	}
	const { words, scales } = quantiseMlc(values);
	return format === 'q4' ? { data: blocksOfMlc(words, scales) } : { data: blocks(format, values), format };
}

/** The same numbers after rounding to the format. */
export function roundedTo(format: NumberFormat, values: Float32Array): Float64Array {
	return Float64Array.from(asFloats(storedAs(format, values)));
}

function blocks(format: 'q4m' | 'q8', values: Float32Array): Uint32Array<ArrayBuffer> {
	const words = new Uint32Array(wordsOf(format, values.length));
	const scales = new Float32Array(words.buffer);
	const size = wordsOf(format, BLOCK_SIZE);
	for (let b = 0; b < values.length / BLOCK_SIZE; b++) {
		const own = blockOf(values, b);
		const last = (b + 1) * size - 1;
		if (format === 'q8') {
			const scale = (scales[last] = Math.fround(Math.max(...own.map(Math.abs)) / 127));
			own.forEach((value, i) => put(words, b * size + (i >> 2), i % 4, 8, Math.round(value / scale)));
			continue;
		}
		const least = Math.min(...own);
		const pair = roundToHalf(Float32Array.of((Math.max(...own) - least) / 15, least));
		const [scale = 1, offset = 0] = widenHalf(pair);
		words[last] = at(pair, 0) | (at(pair, 1) << 16);
		own.forEach((value, i) => {
			const n = Math.round((value - offset) / scale);
			put(words, b * size + (i >> 3), i % 8, 4, Math.min(15, Math.max(0, n)));
		});
	}
	return words;
}

const blockOf = (values: Float32Array, b: number): Float32Array =>
	values.subarray(b * BLOCK_SIZE, (b + 1) * BLOCK_SIZE);

/** Puts the lowest bits of an integer at a place of a word. */
function put(words: Uint32Array, word: number, place: number, bits: number, integer: number): void {
	words[word] = at(words, word) | ((integer & (2 ** bits - 1)) << (bits * place));
}
