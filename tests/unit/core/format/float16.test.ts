import { describe, expect, test } from 'vitest';
import {
	halfToFloat,
	roundToBrainFloat,
	roundToHalf,
	widenBrainFloat,
	widenHalf,
} from '#core/format/float16.ts';

describe.each(['the engine’s own arrays', 'by hand'])('f16 by %s', (way) => {
	const native = way !== 'by hand';
	const half = (value: number): number | undefined => roundToHalf(Float32Array.of(value), native)[0];

	test('every half survives the round trip through f32', () => {
		const bits = Uint16Array.from({ length: 0x10000 }, (_, i) => i).filter(
			(i) => !Number.isNaN(halfToFloat(i)),
		);
		expect(roundToHalf(widenHalf(bits), native)).toEqual(bits);
	});

	test('a value rounds to the nearer half, and from the middle to the even one', () => {
		for (let bits = 0; bits < 0x7bff; bits += 7) {
			const middle = (halfToFloat(bits) + halfToFloat(bits + 1)) / 2;
			expect(half(middle)).toBe(bits + (bits & 1));
			expect(half(-middle)).toBe(0x8000 | (bits + (bits & 1)));
			expect(half(middle * (1 + 2 ** -20))).toBe(bits + 1);
			expect(half(middle * (1 - 2 ** -20))).toBe(bits);
		}
	});

	test('a value beyond the range is refused; NaN and infinity stay', () => {
		expect(half(65504)).toBe(0x7bff);
		expect(() => half(65520)).toThrow(/f16/);
		expect(() => half(-1e30)).toThrow(/f16/);
		expect(half(Infinity)).toBe(0x7c00);
		expect(halfToFloat(half(NaN) ?? 0)).toBeNaN();
	});
});

describe('bf16', () => {
	const brain = (value: number): number | undefined => roundToBrainFloat(Float32Array.of(value))[0];

	test('every number survives the round trip through f32', () => {
		const bits = Uint16Array.from({ length: 0x10000 }, (_, i) => i).filter((i) => (i & 0x7fff) <= 0x7f80);
		expect(roundToBrainFloat(widenBrainFloat(bits))).toEqual(bits);
	});

	test('a value rounds to the nearer number, and from the middle to the even one', () => {
		expect(brain(1 + 2 ** -8)).toBe(0x3f80);
		expect(brain(1 + 3 * 2 ** -8)).toBe(0x3f82);
		expect(brain(1 + 2 ** -8 + 2 ** -20)).toBe(0x3f81);
		expect(brain(-1 - 2 ** -9)).toBe(0xbf80);
	});

	test('NaN stays NaN, with any bits', () => {
		const bits = new Uint32Array([0x7f800001, 0x7fffffff, 0xffffffff]);
		const back = widenBrainFloat(roundToBrainFloat(new Float32Array(bits.buffer)));
		expect([...back].every(Number.isNaN)).toBe(true);
	});
});
