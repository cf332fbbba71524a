/** Half-precision numbers of files: widening to f32 is exact, and f32 is rounded to them. */
import { FormatError } from '../errors.ts';

/** Decodes IEEE binary16: 1 sign bit, 5 of exponent, 10 of fraction. */
export function halfToFloat(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 0x1f;
	const fraction = bits & 0x3ff;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export function widenHalf(bits: Uint16Array): Float32Array<ArrayBuffer> {
	return Float32Array.from(bits, halfToFloat);
}

/** bfloat16 is the upper half of an f32. */
export function widenBrainFloat(bits: Uint16Array): Float32Array<ArrayBuffer> {
	return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}

/**
 * Rounds each number to the nearest binary16, ties to even, subnormals kept. Uses `Float16Array` if the
 * engine has it, which is six times as fast.
 *
 * @param native false forces the portable code
 * @throws FormatError `half-overflow` if a finite number is beyond ±65504, which f16 cannot hold
 */
export function roundToHalf(
	values: Float32Array,
	native = 'Float16Array' in globalThis,
): Uint16Array<ArrayBuffer> {
	const halves = native ? new Uint16Array(new Float16Array(values).buffer) : roundByHand(values);
	for (let i = 0; i < halves.length; i++) {
		const infinite = ((halves[i] ?? 0) & 0x7fff) === INFINITE;
		if (infinite && Number.isFinite(values[i])) {
			throw new FormatError('A weight is beyond ±65504 and does not fit into f16.', {
				code: 'half-overflow',
				hint: 'Keep the weights in f32.',
			});
		}
	}
	return halves;
}

/** Rounds each number to the nearest bfloat16, ties to even; numbers that are bfloat16 already keep their bits. */
export function roundToBrainFloat(values: Float32Array): Uint16Array<ArrayBuffer> {
	const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
	const halves = new Uint16Array(values.length);
	for (let i = 0; i < halves.length; i++) {
		const bits = words[i] ?? 0;
		// Adding to the bits of a NaN could make it infinite.
		const isNaN = (bits & 0x7fffffff) > 0x7f800000;
		halves[i] = isNaN ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
	}
	return halves;
}

const INFINITE = 0x7c00;

function roundByHand(values: Float32Array): Uint16Array<ArrayBuffer> {
	const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
	const halves = new Uint16Array(values.length);
	for (let i = 0; i < halves.length; i++) halves[i] = halfBits(words[i] ?? 0);
	return halves;
}

/** @param bits bit pattern of an f32 */
function halfBits(bits: number): number {
	const sign = (bits >>> 16) & 0x8000;
	const exponent = ((bits >>> 23) & 0xff) - 127;
	const fraction = bits & 0x7fffff;
	if (exponent === 128) return sign | INFINITE | (fraction === 0 ? 0 : 0x200);
	// A normal half keeps 10 of the 23 fraction bits; below 2^−14 it keeps one fewer per power of two. 2^−25 is
	// the smallest power of two that can round up.
	const dropped = exponent >= -14 ? 13 : -1 - exponent;
	if (dropped > 24) return sign;
	if (exponent > 15) return sign | INFINITE;
	const whole = exponent >= -14 ? ((exponent + 15) << 23) | fraction : 0x800000 | fraction;
	return sign | roundOff(whole, dropped);
}

/** Rounds value / 2^bits to the nearest integer, ties to even. */
function roundOff(value: number, bits: number): number {
	const down = value >>> bits;
	const half = 1 << (bits - 1);
	const rest = value & (2 * half - 1);
	return rest > half || (rest === half && (down & 1) === 1) ? down + 1 : down;
}
