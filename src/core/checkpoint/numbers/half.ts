/** The f32 values of all 65,536 halves of either kind: a lookup is several times as fast as decoding the bits. */
import { widenBrainFloat, widenHalf } from '../../format/float16.ts';

const ALL_BITS = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
export const HALF_VALUES = widenHalf(ALL_BITS);
export const BRAIN_FLOAT_VALUES = widenBrainFloat(ALL_BITS);

export function halfValue(bits: number): number {
	return HALF_VALUES[bits] ?? 0;
}

/** The half at byte `at`, little-endian. */
export function halfAt(view: DataView, at: number): number {
	return halfValue(view.getUint16(at, true));
}
