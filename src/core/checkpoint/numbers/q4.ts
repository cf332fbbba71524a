/** Four bits in blocks of 32: low nibbles are the first half of a block, high nibbles the second. */
import { halfAt } from './half.ts';
import { blockType } from './numberType.ts';

const HALF_BLOCK = 16;

/** value = (q − 8) · d */
export const Q4_0 = blockType('Q4_0', 32, 18, (view, at, out, start) => {
	const d = halfAt(view, at);
	for (let j = 0; j < HALF_BLOCK; j++) {
		const pair = view.getUint8(at + 2 + j);
		out[start + j] = ((pair & 15) - 8) * d;
		out[start + HALF_BLOCK + j] = ((pair >> 4) - 8) * d;
	}
});

/** value = q · d + m */
export const Q4_1 = blockType('Q4_1', 32, 20, (view, at, out, start) => {
	const d = halfAt(view, at);
	const m = halfAt(view, at + 2);
	for (let j = 0; j < HALF_BLOCK; j++) {
		const pair = view.getUint8(at + 4 + j);
		out[start + j] = Math.fround((pair & 15) * d) + m;
		out[start + HALF_BLOCK + j] = Math.fround((pair >> 4) * d) + m;
	}
});
