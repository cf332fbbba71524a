/**
 * Five bits in blocks of 32: nibbles as in Q4, and the fifth bits of all numbers in one 32-bit word. Files of
 * K-quants use these types for rows that are no multiple of 256.
 */
import { halfAt } from './half.ts';
import { blockType } from './numberType.ts';

const HALF_BLOCK = 16;

/** value = (q − 16) · d */
export const Q5_0 = blockType('Q5_0', 32, 22, (view, at, out, start) => {
	const d = halfAt(view, at);
	const fifth = view.getUint32(at + 2, true);
	for (let j = 0; j < HALF_BLOCK; j++) {
		const pair = view.getUint8(at + 6 + j);
		out[start + j] = (((pair & 15) | (((fifth >>> j) & 1) << 4)) - 16) * d;
		out[start + HALF_BLOCK + j] = (((pair >> 4) | (((fifth >>> (j + HALF_BLOCK)) & 1) << 4)) - 16) * d;
	}
});

/** value = q · d + m */
export const Q5_1 = blockType('Q5_1', 32, 24, (view, at, out, start) => {
	const d = halfAt(view, at);
	const m = halfAt(view, at + 2);
	const fifth = view.getUint32(at + 4, true);
	for (let j = 0; j < HALF_BLOCK; j++) {
		const pair = view.getUint8(at + 8 + j);
		const low = (pair & 15) | (((fifth >>> j) & 1) << 4);
		const high = (pair >> 4) | (((fifth >>> (j + HALF_BLOCK)) & 1) << 4);
		out[start + j] = Math.fround(low * d) + m;
		out[start + HALF_BLOCK + j] = Math.fround(high * d) + m;
	}
});
