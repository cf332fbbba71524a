import { describe, expect, test } from 'vitest';
import { expectNoBinary, expectNoPage } from '#core/format/expectRows.ts';
import { decodeText } from '#core/format/decode.ts';
import { LineCounter, linesOf } from '#core/format/text.ts';

const utf16 = (text: string, big: boolean, mark = false): Uint8Array =>
	Uint8Array.from(
		Array.from({ length: text.length + (mark ? 1 : 0) }, (_, i) =>
			mark ? (i === 0 ? 0xfeff : text.charCodeAt(i - 1)) : text.charCodeAt(i),
		).flatMap((code) => (big ? [code >> 8, code & 255] : [code & 255, code >> 8])),
	);

const utf32 = (text: string, big: boolean, mark: boolean): Uint8Array =>
	Uint8Array.from(
		Array.from(mark ? `\uFEFF${text}` : text).flatMap((letter) => {
			const code = letter.codePointAt(0) ?? 0;
			const units = [code & 255, (code >> 8) & 255, code >> 16, 0];
			return big ? units.toReversed() : units;
		}),
	);

describe('text in UTF-8, UTF-16 and UTF-32', () => {
	const texts = [
		'Name a bridge.\n',
		'{"prompt":"größer 🙂"}',
		'写一首关于大海的诗。\n给我讲一个故事。\n',
		'Напиши письмо.\n',
		'a\r\nb',
	];
	test.each(texts)('%j in any form', (text) => {
		expect(decodeText(new TextEncoder().encode(text), 'x')).toBe(text);
		expect(decodeText(new TextEncoder().encode(`\uFEFF${text}`), 'x')).toBe(text);
		for (const big of [false, true])
			for (const mark of [false, true]) {
				expect(decodeText(utf16(text, big, mark), 'x')).toBe(text);
				expect(decodeText(utf32(text, big, mark), 'x')).toBe(text);
				expect(() => expectNoBinary(utf32(text, big, mark), 'x')).not.toThrow();
			}
	});

	test('a NUL by mistake does not make a text UTF-16', () => {
		expect(decodeText(new TextEncoder().encode('Kiel\0 Bay'), 'x')).toBe('Kiel\0 Bay');
	});

	test.each([
		['cut UTF-16', Uint8Array.of(0xff, 0xfe, 0x61, 0x00, 0x3d, 0xd8), 'not-utf16'],
		['UTF-32 that is cut off', Uint8Array.of(0, 0, 0xfe, 0xff, 0, 0, 0), 'not-utf32'],
		['Windows-1252', Uint8Array.of(0x61, 0xfc, 0x62), 'not-utf8'],
	])('%s is refused by name', (_name, bytes, code) => {
		expect(() => decodeText(bytes, 'x')).toThrow(expect.objectContaining({ code }));
	});
});

test('lines end with LF, CR LF or CR, and are counted from 1', () => {
	expect([...linesOf('a\r\nb\rc\n\nd')].map(({ line, text }) => [line, text])).toEqual([
		[1, 'a'],
		[2, 'b'],
		[3, 'c'],
		[4, ''],
		[5, 'd'],
	]);
	const counter = new LineCounter('a\r\nb\rc\n\nd');
	expect([0, 3, 5, 7, 8].map((at) => counter.lineAt(at))).toEqual([1, 2, 3, 4, 5]);
	expect([7, 4, 3, 8, 0, 5].map((at) => counter.lineAt(at))).toEqual([4, 2, 2, 5, 1, 3]);
});

describe('files without text are named', () => {
	const start = (...parts: (string | number[])[]): Uint8Array =>
		Uint8Array.from(
			parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)),
		);
	test.each([
		['an Excel workbook', start('PK\u0003\u0004', 'xl/worksheets/sheet1.xml')],
		['a Word document', start('PK\u0003\u0004', 'word/document.xml')],
		['a ZIP archive', start('PK\u0003\u0004', 'pairs.jsonl')],
		['an old Office file', start([0xd0, 0xcf, 0x11, 0xe0])],
		['a Zstandard file', start([0x28, 0xb5, 0x2f, 0xfd])],
		['an Arrow file', start('ARROW1', [0, 0, 0xff])],
		['an SQLite database', start('SQLite format 3', [0, 16])],
		['an ORC file', start('ORC', [10, 0xf3])],
		['a Feather file', start('FEA1', [0, 0])],
		['an encrypted Parquet file', start('PARE', [0x15, 4])],
		['a Parquet file without its end', start('PAR1', [0x15, 4])],
		['a RAR archive', start('Rar!', [0x1a, 7, 0])],
		['a bzip2 file', start('BZh91AY&SY', [0x94, 0xc3])],
		['a PDF', start('%PDF-1.7\n%', [0xe2, 0xe3, 0xcf, 0xd3])],
		['a PDF', start('%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n')],
		['a GIF image', start('GIF89a', [0x10, 0, 0x10, 0, 0xf0])],
		['a WebP image', start('RIFF', [0x24, 2, 0, 0], 'WEBPVP8 ')],
		['a WAV recording', start('RIFF', [0x24, 2, 0, 0], 'WAVEfmt ')],
		['a BMP image', start('BM', [0x36, 0x10, 0, 0, 0, 0, 0, 0])],
		['an MP4 video', start([0, 0, 0, 0x20], 'ftypisom', [0, 0, 2, 0])],
		['a HEIC image', start([0, 0, 0, 0x20], 'ftypheic', [0, 0, 0, 0])],
		['an MP3 recording', start('ID3', [4, 0, 0])],
		['a WebAssembly program', start([0], 'asm', [1, 0, 0, 0])],
		['a GGUF file', start('GGUF', [3, 0, 0, 0])],
		['a safetensors file', start([0x58, 0, 0, 0, 0, 0, 0, 0], '{"a":{}}')],
		['a Python pickle', start([0x80, 4, 0x95])],
		['a PyTorch file', start('PK\u0003\u0004', 'archive/data.pkl')],
		['a PowerPoint presentation', start('PK\u0003\u0004', 'ppt/slides/')],
		['an EPUB book', start('PK\u0003\u0004', 'mimetypeapplication/epub+zip')],
		['a DuckDB database', start([1, 2, 3, 4, 5, 6, 7, 8], 'DUCK', [0])],
		['an RTF document', start('{\\rtf1\\ansi Name a tree.\\par }')],
		[
			'a tar archive',
			start(
				Array.from({ length: 257 }, () => 120),
				'ustar\u0000',
			),
		],
	])('%s', (name, bytes) => {
		expect(() => expectNoBinary(bytes, 'x')).toThrow(name);
		expect(() => expectNoBinary(bytes, 'x')).toThrow(
			expect.objectContaining({ hint: expect.stringMatching(/\S/) as string }),
		);
	});

	test.each([
		...[
			'GIF89a or GIF87a?',
			'RIFF and WEBP: why?',
			'BMW or Audi?',
			'ID3 tags: why?',
			'MZ what?',
			'II* or MM?',
		],
		...['ORCHESTRAS: name three.', 'PARENTS of two ask: why?', 'PAR1S is no word. Why? PAR1', 'PAR1'],
		...['Rar! That is rare.', 'BZh is what?', 'FEA1 or FEA2?', 'ARROW1 or ARROW2?', 'Obj, what is it?'],
		...['%PDF is how such a file begins. Why?', '{\\rtf is how such a file begins. Why?'],
		...['SQLite format 3 or 2?', 'ORC, naïve — 森', `ORC${'ä'.repeat(5000)}`, `${'x'.repeat(257)}ustar`],
	])('a text that begins like one is a text: %s', (text) => {
		expect(() => expectNoBinary(start(text), 'x')).not.toThrow();
	});

	test.each([
		['<?xml version="1.0"?>\n<!-- a --> <!-- b\n-->\n<html ><title>\n</title>', /is a web page, not/],
		[`<!doctype html><title${'<title'.repeat(2000)}>A</title>`, /is a web page \(“A”\)/],
		[`<html><title>${' '.repeat(15_000)}`, /is a web page, not/],
		['\n<!DOCTYPE HTML>\n<html><head><title> Log in </title>', /web page \(“Log in”\)/],
		['<!-- x --><html lang="en"><body>', /is a web page, not/],
		['<?xml version="1.0"?><Error><Code>AccessDenied</Code>', /XML document/],
		['version https://git-lfs.github.com/spec/v1\noid sha256:ab\n', /Git LFS pointer/],
	])('%j', (text, message) => {
		expect(() => expectNoPage(text, 'x')).toThrow(message);
	});

	test('prompts about markup are prompts', () => {
		for (const text of ['<!---->'.repeat(2800), `<!--${'-->'.repeat(5000)}`, '<!-- <html><head>'])
			expect(() => expectNoPage(text, 'x')).not.toThrow();
		for (const text of ['<script>alert(1)</script>', 'Explain <html> and <body>.', '<html> means what?'])
			expect(() => expectNoPage(text, 'x')).not.toThrow();
	});
});
