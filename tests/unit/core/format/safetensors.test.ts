import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { halfToFloat, widenBrainFloat } from '#core/format/float16.ts';
import { readSafetensors, writeSafetensors } from '#core/format/safetensors.ts';

/** A file with a handwritten header. */
function file(header: string, data = new Uint8Array()): Uint8Array {
	const text = new TextEncoder().encode(header);
	const out = new Uint8Array(8 + text.length + data.length);
	new DataView(out.buffer).setBigUint64(0, BigInt(text.length), true);
	out.set(text, 8);
	out.set(data, 8 + text.length);
	return out;
}

test('tensors of any names and shapes survive the round trip', () => {
	const tensor = fc
		.tuple(fc.string(), fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }))
		.filter(([name]) => name !== '__metadata__' && name !== '__proto__');
	fc.assert(
		fc.property(fc.uniqueArray(tensor, { selector: ([name]) => name, maxLength: 6 }), (list) => {
			const tensors = list.map(([name, shape], i) => {
				const size = shape.reduce((product, n) => product * n, 1);
				return { name, shape, data: Float32Array.from({ length: size }, (_, k) => i + k / 7) };
			});
			const back = readSafetensors(writeSafetensors(tensors, { format: 'pt' }));
			expect(back.metadata).toEqual({ format: 'pt' });
			expect(back.tensors.size).toBe(tensors.length);
			for (const { name, shape, data } of tensors) {
				expect(back.tensors.get(name)).toEqual({ dtype: 'F32', shape, data });
			}
		}),
		{ seed: 2, numRuns: 100 },
	);
});

test('reads from a view into a larger buffer at an odd offset', () => {
	const bytes = writeSafetensors([{ name: 'a', shape: [2], data: new Float32Array([1, 2]) }]);
	const larger = new Uint8Array(bytes.length + 3);
	larger.set(bytes, 3);
	expect(readSafetensors(larger.subarray(3)).tensors.get('a')?.data).toEqual(new Float32Array([1, 2]));
});

test('widens F16 and BF16', () => {
	const half = new Uint8Array(new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7bff]).buffer);
	const read = readSafetensors(file('{"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}', half));
	expect(read.tensors.get('h')?.data).toEqual(new Float32Array([1, -2, 2 ** -24, 65504]));
	const brain = readSafetensors(
		file(
			'{"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}',
			new Uint8Array(new Uint16Array([0x3f80, 0xc040]).buffer),
		),
	);
	expect(brain.tensors.get('b')?.data).toEqual(new Float32Array([1, -3]));
});

test('every half has the value of its bits', () => {
	expect(halfToFloat(0x7c00)).toBe(Infinity);
	expect(halfToFloat(0xfc00)).toBe(-Infinity);
	expect(halfToFloat(0x7e00)).toBeNaN();
	expect(Object.is(halfToFloat(0x8000), -0)).toBe(true);
	expect(halfToFloat(0x3555)).toBe(0.333251953125);
	expect(widenBrainFloat(new Uint16Array([0x7f80]))[0]).toBe(Infinity);
});

describe('a malformed file', () => {
	const entry = (fields: string): string => `{"w":{${fields}}}`;
	test.each([
		['is empty', new Uint8Array(3), /3 bytes, too few/],
		['announces more header than it has', file('{}').with(0, 200), /header of 200 bytes but has only 10/],
		['has no JSON header', file('hello'), /header is not a JSON object/],
		['has a header that is a list', file('[1]'), /the entry of "0" has no dtype/],
		['has an entry without a shape', file(entry('"dtype":"F32"')), /"w" has no dtype, shape/],
		[
			'has a type that is not read',
			file(entry('"dtype":"I64","shape":[1],"data_offsets":[0,8]')),
			/"w" is of type I64/,
		],
		[
			'has a range that does not fit the shape',
			file(entry('"dtype":"F32","shape":[2,2],"data_offsets":[0,8]')),
			/"w" has 8 bytes; its shape \[2, 2\] needs 16/,
		],
		[
			'is cut off',
			file(entry('"dtype":"F32","shape":[2],"data_offsets":[0,8]'), new Uint8Array(5)),
			/"w" ends at byte 8 of the data, which has 5/,
		],
	])('%s: is refused with the place', (_name, bytes, message) => {
		expect(() => readSafetensors(bytes, 'x.safetensors')).toThrow(message);
		expect(() => readSafetensors(bytes, 'x.safetensors')).toThrow(/^x\.safetensors/);
	});
});
