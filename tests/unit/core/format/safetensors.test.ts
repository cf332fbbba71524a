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
		.filter(([name]) => name !== '__metadata__');
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

test.each(['__proto__', 'constructor', 'toString', '', '0'])('a tensor may have the name "%s"', (name) => {
	const tensors = [
		{ name, shape: [1], data: Float32Array.of(7) },
		{ name: 'w', shape: [1], data: Float32Array.of(8) },
	];
	const read = readSafetensors(writeSafetensors(tensors)).tensors;
	expect([...read.keys()].sort()).toEqual([name, 'w'].sort());
	expect(read.get(name)?.data).toEqual(Float32Array.of(7));
	expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
});

test('a small file with thousands of tensors over the same bytes takes no memory', () => {
	const shape = '"dtype":"F32","shape":[32768],"data_offsets":[0,131072]';
	const header = `{${Array.from({ length: 600 }, (_, i) => `"t${i}":{${shape}}`).join(',')}}`;
	expect(() => readSafetensors(file(header, new Uint8Array(131072)))).toThrow(/overlaps/);
});

test('reads F64 as float32', () => {
	const bytes = new Uint8Array(Float64Array.of(1 / 3, -2).buffer);
	const read = readSafetensors(file('{"d":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}', bytes));
	expect(read.tensors.get('d')?.data).toEqual(Float32Array.of(1 / 3, -2));
});

describe('a file of another kind is named', () => {
	test.each([
		['PK\x03\x04\x14\x00\x00\x00\x00', /PyTorch file/],
		['\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19', /PyTorch file/],
		['version https://git-lfs.github.com/spec/v1', /Git LFS/],
		['<!DOCTYPE html><html>', /a web page/],
		['<HTML><head>', /a web page/],
		['GGUF\x03\x00\x00\x00\x00\x00', /GGUF/],
		['\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03', /gzip/],
	])('%j', (start, message) => {
		const bytes = Uint8Array.from(start, (character) => character.charCodeAt(0));
		expect(() => readSafetensors(bytes, 'adapter_model.bin')).toThrow(message);
	});

	test.each([640, 896, 1152, 1408])('but a header of %i bytes is not taken for a pickle', (length) => {
		expect(readSafetensors(file('{}'.padEnd(length))).tensors.size).toBe(0);
	});
});

describe('a malformed file', () => {
	const entry = (fields: string): string => `{"w":{${fields}}}`;
	test.each([
		['is empty', new Uint8Array(3), /3 bytes, too few/],
		['announces more header than it has', file('{}').with(0, 200), /header of 200 bytes but has only 10/],
		['has no JSON header', file('hello'), /header is not a JSON object/],
		['has a header that is a list', file('[1]'), /header is not a JSON object/],
		['has a header of another alphabet', file('{"\ud800"'), /header is not a JSON object/],
		[
			'has metadata that is no text',
			file('{"__metadata__":{"a":1}}'),
			/__metadata__ is not an object of texts/,
		],
		[
			'names a tensor twice',
			file(
				'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
				new Uint8Array(4),
			),
			/names "w" twice/,
		],
		[
			'has a tensor in the middle of another',
			file(
				'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
				new Uint8Array(8),
			),
			/"b" starts at byte 4 of the data and overlaps the tensor before it/,
		],
		[
			'has two tensors in one place',
			file(
				'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
				new Uint8Array(4),
			),
			/"b" starts at byte 0 of the data and overlaps/,
		],
		[
			'has a hole',
			file(
				'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}',
				new Uint8Array(12),
			),
			/"b" starts at byte 8 of the data and leaves the bytes from 4 on unused/,
		],
		[
			'has more data than its tensors',
			file(entry('"dtype":"F32","shape":[1],"data_offsets":[0,4]'), new Uint8Array(5)),
			/the data has 5 bytes; its tensors use only 4/,
		],
		[
			'has a range that runs backwards',
			file(entry('"dtype":"F32","shape":[1],"data_offsets":[4,0]'), new Uint8Array(4)),
			/"w" has -4 bytes; its shape \[1\] needs 4/,
		],
		[
			'has a shape beyond all numbers',
			file(entry('"dtype":"F32","shape":[9e15,9e15,9e15],"data_offsets":[0,4]'), new Uint8Array(4)),
			/needs 2\.916e\+48/,
		],
		[
			'has a negative size',
			file(entry('"dtype":"F32","shape":[-1],"data_offsets":[0,4]')),
			/"w" has no dtype/,
		],
		['has half a size', file(entry('"dtype":"F32","shape":[0.5],"data_offsets":[0,2]')), /"w" has no dtype/],
		[
			'has a type with the name of a method',
			file(entry('"dtype":"constructor","shape":[1],"data_offsets":[0,4]')),
			/"w" is of type constructor/,
		],
		[
			'has a header as long as the world',
			file('{}').with(0, 255).with(6, 255),
			/announces a header of \d+ bytes/,
		],
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
