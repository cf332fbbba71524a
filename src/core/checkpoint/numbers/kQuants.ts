/** K-quants: blocks of 256 numbers in groups, whose own scales are quantised too. */
import { halfAt } from './half.ts';
import { minimumOf, scaleOf } from './kScales.ts';
import { blockType } from './numberType.ts';

const BLOCK = 256;
const GROUP = 32;

/** Group g: value = (d · scale) · q − (dmin · minimum). Two groups share 32 bytes: low and high nibbles. */
export const Q4_K = blockType('Q4_K', BLOCK, 144, (view, at, out, start) => {
	const d = halfAt(view, at);
	const dmin = halfAt(view, at + 2);
	for (let group = 0; group < BLOCK / GROUP; group++) {
		const scale = Math.fround(d * scaleOf(view, at + 4, group));
		const minimum = Math.fround(dmin * minimumOf(view, at + 4, group));
		const nibbles = at + 16 + (group >> 1) * GROUP;
		const shift = (group & 1) * 4;
		for (let j = 0; j < GROUP; j++) {
			const q = (view.getUint8(nibbles + j) >> shift) & 15;
			out[start + group * GROUP + j] = Math.fround(scale * q) - minimum;
		}
	}
});

/** Like Q4_K, with the fifth bit of group g in bit g of 32 bytes. */
export const Q5_K = blockType('Q5_K', BLOCK, 176, (view, at, out, start) => {
	const d = halfAt(view, at);
	const dmin = halfAt(view, at + 2);
	for (let group = 0; group < BLOCK / GROUP; group++) {
		const scale = Math.fround(d * scaleOf(view, at + 4, group));
		const minimum = Math.fround(dmin * minimumOf(view, at + 4, group));
		const nibbles = at + 48 + (group >> 1) * GROUP;
		const shift = (group & 1) * 4;
		for (let j = 0; j < GROUP; j++) {
			const fifth = ((view.getUint8(at + 16 + j) >> group) & 1) << 4;
			const q = ((view.getUint8(nibbles + j) >> shift) & 15) | fifth;
			out[start + group * GROUP + j] = Math.fround(scale * q) - minimum;
		}
	}
});

/**
 * value = (d · scale) · (q − 32), with a signed 8-bit scale for every 16 numbers. A half block of 128 numbers has
 * four groups of 32: their low four bits are in 64 bytes, their high two bits in 32 bytes.
 */
export const Q6_K = blockType('Q6_K', BLOCK, 210, (view, at, out, start) => {
	const d = halfAt(view, at + 208);
	for (let group = 0; group < BLOCK / GROUP; group++) {
		const half = group >> 2;
		const part = group & 3;
		const low = at + half * 64 + (part & 1) * GROUP;
		const high = at + 128 + half * GROUP;
		for (let j = 0; j < GROUP; j++) {
			const scale = Math.fround(d * view.getInt8(at + 192 + group * 2 + (j >> 4)));
			const bits = (view.getUint8(low + j) >> ((part >> 1) * 4)) & 15;
			const q = bits | (((view.getUint8(high + j) >> (part * 2)) & 3) << 4);
			out[start + group * GROUP + j] = scale * (q - 32);
		}
	}
});
