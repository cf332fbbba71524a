/** Eight bits, signed, in blocks of 32: value = q · d. */
import { halfAt } from './half.ts';
import { blockType } from './numberType.ts';

export const Q8_0 = blockType('Q8_0', 32, 34, (view, at, out, start) => {
	const d = halfAt(view, at);
	for (let j = 0; j < 32; j++) out[start + j] = view.getInt8(at + 2 + j) * d;
});
