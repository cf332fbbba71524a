/** Half-precision numbers as they lie in files, widened to f32: exact, as every f16 and bf16 value is an f32 value. */

/** IEEE binary16, by bits: 1 sign, 5 exponent, 10 fraction. */
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
