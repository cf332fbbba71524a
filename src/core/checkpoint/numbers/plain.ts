/** Plain little-endian numbers: f32, f16 and bf16. Assumes a little-endian machine, as WebGPU does. */
import { halfValue } from './half.ts';
import type { NumberType } from './numberType.ts';

/** A view of the bytes, or of a copy if they are not aligned. */
function words(bytes: Uint8Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
	const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
	return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

export function halfWords(bytes: Uint8Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
	const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
	return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length / 2);
}

export const F32: NumberType = {
	name: 'F32',
	blockSize: 1,
	blockBytes: 4,
	decode: (bytes, out) => new Uint32Array(out.buffer, out.byteOffset, out.length).set(words(bytes)),
};

export const F16: NumberType = {
	name: 'F16',
	blockSize: 1,
	blockBytes: 2,
	decode: (bytes, out) => {
		const halves = halfWords(bytes);
		for (let i = 0; i < halves.length; i++) out[i] = halfValue(halves[i] ?? 0);
	},
};

export const BF16: NumberType = {
	name: 'BF16',
	blockSize: 1,
	blockBytes: 2,
	decode: (bytes, out) => {
		const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
		const halves = halfWords(bytes);
		for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] ?? 0) << 16;
	},
};
