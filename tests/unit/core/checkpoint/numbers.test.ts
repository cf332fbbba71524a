/** Block types of GGUF against formulas of ggml-quants.c written out here, and against the gguf package's decoder. */
import { describe, expect, test } from 'vitest';
import { fromBase64 } from '#core/format/base64.ts';
import { halfToFloat } from '#core/format/float16.ts';
import type { NumberType } from '#core/checkpoint/numbers/numberType.ts';
import { GGUF_TYPES } from '#core/checkpoint/gguf/types.ts';
import { goldenJson } from '#tests/support/goldens.ts';

function typeOf(name: string): NumberType {
	const found = [...GGUF_TYPES.values()].find((type) => type.name === name);
	if (found === undefined) throw new Error(name);
	return found;
}

function decoded(type: NumberType, bytes: Uint8Array<ArrayBuffer>): Float32Array {
	const out = new Float32Array((bytes.length / type.blockBytes) * type.blockSize);
	type.decode(bytes, out);
	return out;
}

const goldens = goldenJson<Record<string, { bytes: string; values: string }>>('gguf/numbers.json');

test.each(Object.entries(goldens))('%s decodes to the bits of the gguf package', (name, golden) => {
	const values = new Float32Array(fromBase64(golden.values, name).buffer);
	const bytes = fromBase64(golden.bytes, name);
	expect(decoded(typeOf(name), bytes)).toEqual(values);
	// At an odd address too: a tensor can start at any byte of a shared buffer.
	const shifted = new Uint8Array(bytes.length + 1);
	shifted.set(bytes, 1);
	expect(decoded(typeOf(name), shifted.subarray(1))).toEqual(values);
});

test('every readable type has a golden, or is f32', () => {
	const names = [...GGUF_TYPES.values()].map(({ name }) => name);
	expect(names.filter((name) => !(name in goldens))).toEqual(['F32']);
});

/** 1.5 and −0.25 as halves. */
const D = [0x00, 0x3e];
const M = [0x00, 0xb4];

describe('a block of', () => {
	test('Q4_0: (q − 8) · d, low nibbles first', () => {
		const block = new Uint8Array([...D, 0x10, ...new Array<number>(15).fill(0x8f)]);
		const values = decoded(typeOf('Q4_0'), block);
		expect([values[0], values[1], values[16], values[17]]).toEqual([-12, 10.5, -10.5, 0]);
	});

	test('Q4_1: q · d + m', () => {
		const block = new Uint8Array([...D, ...M, 0x21, ...new Array<number>(15).fill(0)]);
		const values = decoded(typeOf('Q4_1'), block);
		expect([values[0], values[1], values[16]]).toEqual([1.25, -0.25, 2.75]);
	});

	test('Q5_0: the fifth bits are in one word', () => {
		const block = new Uint8Array([...D, 0x01, 0, 0x02, 0, 0x10, ...new Array<number>(15).fill(0)]);
		const values = decoded(typeOf('Q5_0'), block);
		// 16 − 16, 0 − 16; second half: 1 − 16, then 16 − 16 by bit 17.
		expect([values[0], values[1], values[16], values[17]]).toEqual([0, -24, -22.5, 0]);
	});

	test('Q8_0: q · d, signed', () => {
		const block = new Uint8Array([...D, 0xff, 0x80, 0x7f, ...new Array<number>(29).fill(0)]);
		expect(decoded(typeOf('Q8_0'), block).subarray(0, 4)).toEqual(new Float32Array([-1.5, -192, 190.5, 0]));
	});

	test('Q4_K: scales and minima of six bits', () => {
		const block = new Uint8Array(144);
		block.set([...D, ...M]);
		// Group 0: scale 3, minimum 2. Group 4: scale 0b010101, minimum 0b100011.
		block.set([0x43, 0, 0, 0, 0x82, 0, 0, 0, 0x35, 0, 0, 0], 4);
		block[16] = 0x07;
		block[16 + 64] = 0x05;
		const values = decoded(typeOf('Q4_K'), block);
		expect(values[0]).toBe(1.5 * 3 * 7 - -0.25 * 2);
		expect(values[4 * 32]).toBe(1.5 * 0b010101 * 5 - -0.25 * 0b100011);
	});

	test('Q6_K: four low bits, two high bits, a signed scale for 16 numbers', () => {
		const block = new Uint8Array(210);
		block.set(D, 208);
		block[192] = 0xfe;
		block[0] = 0x0a;
		block[128] = 0x03;
		const values = decoded(typeOf('Q6_K'), block);
		expect(values[0]).toBe(1.5 * -2 * (0b111010 - 32));
		expect(values[1]).toBe(1.5 * -2 * -32);
	});
});

test('every half has the value of its bits', () => {
	const bits = new Uint16Array([0, 1, 0x3c00, 0x8001, 0x7bff, 0xfc00]);
	const values = decoded(typeOf('F16'), new Uint8Array(bits.buffer));
	expect([...values]).toEqual(Array.from(bits, halfToFloat));
});
