import { describe, expect, test } from 'vitest';
import type { FormatError } from '#core/errors.ts';
import { parseGgufHeader, readGgufHeader } from '#core/checkpoint/gguf/header.ts';
import { memorySource, writeGguf, type GgufField } from '#tests/support/checkpointFiles.ts';

const bytes = (count: number): Uint8Array => new Uint8Array(count);
const METADATA: Readonly<Record<string, GgufField>> = {
	'general.name': { text: 'ä name' },
	count: { u32: 7 },
	rate: { f32: 0.5 },
	on: { flag: true },
	words: { texts: ['', '\uFEFF', 'b'] },
	scores: { floats: [1, -2] },
};
const TENSORS = [
	{ name: 'a', shape: [2, 32], type: 8, bytes: bytes(68) },
	{ name: 'b', shape: [3], type: 0, bytes: bytes(12) },
];

const parse = (file: Uint8Array<ArrayBuffer>, size = file.length) => parseGgufHeader(file, size, 'm.gguf');

function refusal(file: Uint8Array<ArrayBuffer>): FormatError {
	try {
		parse(file);
	} catch (error) {
		return error as FormatError;
	}
	throw new Error('not refused');
}

test.each([2, 3])('version %i: metadata, shapes and positions', (version) => {
	const file = writeGguf(METADATA, TENSORS, version);
	const header = parse(file);
	expect(Object.fromEntries(header?.metadata ?? [])).toEqual({
		'general.name': 'ä name',
		count: 7,
		rate: 0.5,
		on: true,
		words: ['', '\uFEFF', 'b'],
		scores: [1, -2],
	});
	const start = file.length - 96 - 32;
	expect(header?.tensors).toMatchObject([
		{ name: 'a', shape: [2, 32], type: { name: 'Q8_0' }, start, end: start + 68 },
		{ name: 'b', shape: [3], type: { name: 'F32' }, start: start + 96, end: start + 108 },
	]);
});

test('reads no more of the file than the header takes', async () => {
	const file = writeGguf(METADATA, [{ name: 'a', shape: [2 ** 21], type: 0, bytes: bytes(2 ** 23) }]);
	const source = memorySource(file);
	await readGgufHeader(source);
	expect(source.reads).toEqual([[0, 2 ** 22]]);
});

test('reads on if the header is longer than the first read', async () => {
	const file = writeGguf({ long: { text: 'x'.repeat(10) } }, []);
	const header = new Uint8Array(5 * 2 ** 20);
	header.set(file.subarray(0, 24));
	const view = new DataView(header.buffer);
	// One field, whose text has four and a half million bytes.
	header.set(file.subarray(24, 40), 24);
	view.setBigUint64(40, 4_500_000n, true);
	header.fill(0x79, 48, 48 + 4_500_000);
	const source = memorySource(header);
	const { metadata } = await readGgufHeader(source);
	expect(String(metadata.get('long')).length).toBe(4_500_000);
	expect(source.reads).toEqual([
		[0, 2 ** 22],
		[2 ** 22, header.length],
	]);
});

test('a file that ends at any byte of its header or of a tensor is refused as cut off', () => {
	const file = writeGguf(METADATA, TENSORS);
	for (let length = 24; length < file.length - 20; length++) {
		const error = refusal(file.slice(0, length));
		expect(['gguf-truncated', 'gguf-invalid']).toContain(error.code);
		expect(error.hint).not.toBe('');
	}
	expect(refusal(file.slice(0, file.length - 40))).toMatchObject({
		code: 'gguf-truncated',
		message: expect.stringMatching(/"b" ends at byte \d+; the file has only \d+/) as string,
	});
});

/** The file with some bytes replaced. */
function changed(at: number, ...values: number[]): Uint8Array<ArrayBuffer> {
	const file = writeGguf(METADATA, TENSORS);
	file.set(values, at);
	return file;
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

describe('refuses', () => {
	test.each<[name: string, file: Uint8Array<ArrayBuffer>, code: string, message: RegExp]>([
		['another file', utf8('hello there'), 'gguf-foreign', /no GGUF file/],
		['a web page', utf8('<!doctype html>'), 'gguf-foreign', /a web page/],
		['an older file of llama.cpp', utf8('GGML\x01\0\0\0'), 'gguf-foreign', /GGML/],
		['an empty file', utf8(''), 'gguf-foreign', /no GGUF file/],
		['version 1', changed(4, 1), 'gguf-version', /version 1/],
		['version 9', changed(4, 9), 'gguf-version', /version 9/],
		['a big-endian file', changed(4, 0, 0, 0, 3), 'gguf-version', /big-endian/],
		[
			'a count of tensors beyond the file',
			changed(8, 0xff, 0xff),
			'gguf-invalid',
			/too many tensors \(65535\)/,
		],
		['a count beyond all numbers', changed(15, 0xff), 'gguf-invalid', /too many tensors/],
		['a count of fields beyond the file', changed(17, 0xff), 'gguf-invalid', /too many metadata fields/],
		['a key longer than the file', changed(26, 1), 'gguf-invalid', /a metadata key of so many bytes/],
		['an unknown value type', changed(44, 99), 'gguf-invalid', /"general.name" the unknown value type 99/],
		[
			'two tensors of one name',
			writeGguf({}, [TENSORS[0]!, { ...TENSORS[1]!, name: 'a' }]),
			'gguf-invalid',
			/two tensors named "a"/,
		],
		[
			'rows that are no whole blocks',
			writeGguf({}, [{ name: 'w', shape: [2, 33], type: 8, bytes: bytes(80) }]),
			'gguf-invalid',
			/"w" has rows of 33 numbers, no multiple of Q8_0’s blocks/,
		],
		[
			'an alignment of zero',
			writeGguf({ 'general.alignment': { u32: 0 } }, []),
			'gguf-invalid',
			/alignment 0/,
		],
		[
			'an alignment of 1.5',
			writeGguf({ 'general.alignment': { f32: 1.5 } }, []),
			'gguf-invalid',
			/alignment/,
		],
	])('%s', (_name, file, code, message) => {
		expect(refusal(file)).toMatchObject({ code, message: expect.stringMatching(message) as string });
	});

	test.each([
		[10, 'Q2_K'],
		[23, 'IQ4_XS'],
		[39, 'MXFP4'],
		[40, 'NVFP4'],
		[99, 'number 99, which is not known here'],
	])('type %i by its name', (type, name) => {
		const file = writeGguf({}, [{ name: 'w', shape: [256], type, bytes: bytes(256) }]);
		expect(refusal(file)).toMatchObject({
			code: 'gguf-type-unsupported',
			message: `m.gguf: "w" is stored as ${name}, which cannot be read here.`,
		});
	});

	test('arrays in arrays beyond four levels, in constant time', () => {
		const file = writeGguf({ deep: { texts: [] } }, []);
		// The value's type array, and then arrays of one array each.
		const nested = new Uint8Array(file.length + 12 * 1000);
		nested.set(file);
		const view = new DataView(nested.buffer);
		for (let at = 40; at + 12 < nested.length; at += 12) {
			view.setUint32(at, 9, true);
			view.setBigUint64(at + 4, 1n, true);
		}
		expect(refusal(nested).message).toMatch(/nests arrays in "deep" more than 4 deep/);
	});

	test('tensors that share bytes', () => {
		const file = writeGguf({}, TENSORS);
		const name = file.lastIndexOf('b'.charCodeAt(0), 120);
		const view = new DataView(file.buffer);
		// After the name: axes (4), one axis (8), type (4), offset.
		expect(view.getBigUint64(name + 17, true)).toBe(96n);
		view.setBigUint64(name + 17, 32n, true);
		expect(refusal(file).message).toMatch(/"b" starts at byte \d+, inside another tensor/);
	});
});
