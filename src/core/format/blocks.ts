/** MLC's and GGUF's quantised blocks as the blocks of numberFormat.ts, every value exact. */
import { FormatError } from '../errors.ts';
import { at } from '../math/at.ts';
import { halfToFloat, widenHalf } from './float16.ts';
import { PACKING, type BlockFormat } from './numberFormat.ts';

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** The bits of a number in f32. */
function floatBits(value: number): number {
	FLOAT[0] = value;
	return at(BITS, 0);
}

/**
 * q4 from MLC's `q4f32_1` and `q4f16_1`, whose value is (n − 7) · scale too.
 *
 * @param words  eight nibbles each along a row, the first in the lowest bits; four words for one scale
 * @param scales f32, or the bits of f16
 */
export function blocksOfMlc(
	words: Uint32Array,
	scales: Float32Array | Uint16Array,
): Uint32Array<ArrayBuffer> {
	const size = PACKING.q4.words;
	const packed = size - 1;
	if (words.length !== packed * scales.length) {
		throw new FormatError(`${words.length} words of nibbles do not belong to ${scales.length} scales.`, {
			code: 'weight-shape',
			hint: 'The model’s files do not belong together; copy the whole folder again.',
		});
	}
	const floats = scales instanceof Float32Array ? scales : widenHalf(scales);
	const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
	const blocks = new Uint32Array(size * scales.length);
	for (let i = 0; i < bits.length; i++) {
		blocks.set(words.subarray(packed * i, packed * (i + 1)), size * i);
		blocks[size * i + packed] = at(bits, i);
	}
	return blocks;
}

/** How one of GGUF's types becomes blocks. */
interface GgufBlock {
	readonly format: BlockFormat;
	/** Bytes of a block: its scales, then its integers. */
	readonly bytes: number;
	readonly scaleBytes: number;
	/** The last word of the device's block. */
	readonly scale: (view: DataView, at: number) => number;
	/** True if the nibbles are stored inverted: (n − 8) · d = (15 − n − 7) · −d. */
	readonly inverted: boolean;
}

const d = (view: DataView, start: number): number => halfToFloat(view.getUint16(start, true));

const GGUF_BLOCKS = {
	Q4_0: { format: 'q4', bytes: 18, scaleBytes: 2, scale: (v, i) => floatBits(-d(v, i)), inverted: true },
	Q4_1: { format: 'q4m', bytes: 20, scaleBytes: 4, scale: (v, i) => v.getUint32(i, true), inverted: false },
	Q8_0: { format: 'q8', bytes: 34, scaleBytes: 2, scale: (v, i) => floatBits(d(v, i)), inverted: false },
} as const satisfies Record<string, GgufBlock>;

export type GgufBlockType = keyof typeof GGUF_BLOCKS;

/** Format and words of a tensor of one of these GGUF types (ggml-quants.c); `bytes` holds whole blocks. */
export function blocksOfGguf(
	type: GgufBlockType,
	bytes: Uint8Array,
): { format: BlockFormat; data: Uint32Array<ArrayBuffer> } {
	const { format, bytes: length, scaleBytes, scale, inverted }: GgufBlock = GGUF_BLOCKS[type];
	const size = PACKING[format].words;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const data = new Uint32Array((bytes.length / length) * size);
	for (let from = 0, to = 0; to < data.length; from += length, to += size) {
		const integers = from + scaleBytes;
		for (let i = 0; i < size - 1; i++) {
			const word = format === 'q8' ? view.getUint32(integers + 4 * i, true) : nibbles(view, integers, i);
			data[to + i] = inverted ? ~word : word;
		}
		data[to + size - 1] = scale(view, from);
	}
	return { format, data };
}

/**
 * Word i of a block's nibbles in the order of the numbers: GGUF keeps the first 16 numbers in the low nibbles of
 * 16 bytes, the others in the high ones.
 */
function nibbles(view: DataView, start: number, i: number): number {
	let word = 0;
	for (let j = 0; j < 8; j++) {
		const number = 8 * i + j;
		const byte = view.getUint8(start + (number % 16));
		word |= (number < 16 ? byte & 15 : byte >> 4) << (4 * j);
	}
	return word;
}
