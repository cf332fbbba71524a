/** Recognises files that hold no text by their first bytes, and pages and pointers that arrived in place of a file. */
import { FormatError } from '../errors.ts';

interface Signature {
	/** The file's first bytes. */
	bytes: readonly number[];
	/** After "is": "a PDF". */
	name: string;
	/** The user’s next action. */
	hint: string;
	/** Marks a file that may hold text alone, besides its first bytes. */
	text?: RegExp;
}

const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

const UNPACK = 'Unpack it and choose the file inside.';
const EXPORT = 'Export the rows as JSONL or CSV and choose that file.';
const SHEET = 'Open it in a spreadsheet program, save the sheet as CSV (UTF-8), and choose that file.';

export const GZIP = [0x1f, 0x8b];
const PARQUET = ascii('PAR1');

const SIGNATURES: readonly Signature[] = [
	{
		bytes: PARQUET,
		name: 'a Parquet file without its end',
		hint: 'It was cut off. Download or copy the whole file again.',
	},
	{ bytes: ascii('PARE'), name: 'an encrypted Parquet file', hint: EXPORT },
	{ bytes: ascii('ARROW1'), name: 'an Arrow file', hint: EXPORT },
	{ bytes: [0xff, 0xff, 0xff, 0xff], name: 'an Arrow stream', hint: EXPORT },
	{ bytes: ascii('FEA1'), name: 'a Feather file', hint: EXPORT },
	{ bytes: ascii('ORC'), name: 'an ORC file', hint: EXPORT },
	{ bytes: [...ascii('Obj'), 1], name: 'an Avro file', hint: EXPORT },
	{ bytes: ascii('SQLite format 3'), name: 'an SQLite database', hint: EXPORT },
	{ bytes: [0x89, ...ascii('HDF')], name: 'an HDF5 file', hint: EXPORT },
	{ bytes: [0x93, ...ascii('NUMPY')], name: 'a NumPy array', hint: EXPORT },
	{ bytes: [0xd0, 0xcf, 0x11, 0xe0], name: 'an old Office file (.xls or .doc)', hint: SHEET },
	{ bytes: GZIP, name: 'a gzip file', hint: UNPACK },
	{ bytes: [0x28, 0xb5, 0x2f, 0xfd], name: 'a Zstandard file (.zst)', hint: UNPACK },
	{ bytes: ascii('BZh'), name: 'a bzip2 file', hint: UNPACK },
	{ bytes: [0xfd, ...ascii('7zXZ')], name: 'an xz file', hint: UNPACK },
	{ bytes: [0x04, 0x22, 0x4d, 0x18], name: 'an LZ4 file', hint: UNPACK },
	{ bytes: [0x37, 0x7a, 0xbc, 0xaf], name: 'a 7-Zip archive', hint: UNPACK },
	{ bytes: ascii('Rar!'), name: 'a RAR archive', hint: UNPACK },
	{
		bytes: ascii('%PDF'),
		name: 'a PDF',
		hint: 'Copy its text into a text file, one prompt per line.',
		text: /^%PDF-\d[\s\S]*\d obj\b/,
	},
	{
		bytes: ascii('{\\rtf'),
		name: 'an RTF document',
		hint: 'Save it as plain text (UTF-8).',
		text: /^\{\\rtf\d/,
	},
	{ bytes: [0x89, ...ascii('PNG')], name: 'a PNG image', hint: 'Choose a file of text.' },
	{ bytes: [0xff, 0xd8, 0xff], name: 'a JPEG image', hint: 'Choose a file of text.' },
];

const TAR_MAGIC = { at: 257, bytes: ascii('ustar') };

/** Files inside of a ZIP that tell what the ZIP is. */
const ZIP_KINDS: readonly { mark: string; name: string; hint: string }[] = [
	{ mark: 'xl/', name: 'an Excel workbook', hint: SHEET },
	{ mark: 'word/', name: 'a Word document', hint: 'Save it as plain text (UTF-8).' },
	{ mark: 'opendocument.spreadsheet', name: 'an OpenDocument spreadsheet', hint: SHEET },
	{ mark: 'opendocument.text', name: 'an OpenDocument text', hint: 'Save it as plain text (UTF-8).' },
	{ mark: 'Index/', name: 'a Numbers or Pages document', hint: SHEET },
];

export function startsWith(bytes: Uint8Array, start: readonly number[], at = 0): boolean {
	return bytes.length >= at + start.length && start.every((byte, i) => bytes[at + i] === byte);
}

export const isGzip = (bytes: Uint8Array): boolean => startsWith(bytes, GZIP);

function endsWith(bytes: Uint8Array, end: readonly number[]): boolean {
	return startsWith(bytes, end, bytes.length - end.length);
}

const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;

/** Bytes in which a file that is not text has a byte that no text has. */
const HEAD = 4096;
const CONTROL = /(?![\t\n\v\f\r])\p{Cc}/u;

/** The first bytes as text; null if they hold a control character or are not UTF-8. */
function textHead(bytes: Uint8Array): string | null {
	try {
		// `stream` accepts a character that the end of the head cuts off.
		const stream = bytes.length > HEAD;
		const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, HEAD), { stream });
		return CONTROL.test(text) ? null : text;
	} catch {
		// A fatal decoder throws only for bytes that are not UTF-8.
		return null;
	}
}

/** True for a whole Parquet file: text may begin, or end, with the same letters. */
export function isParquet(bytes: Uint8Array): boolean {
	return startsWith(bytes, PARQUET) && endsWith(bytes, PARQUET) && textHead(bytes) === null;
}

/** A signature of letters alone may also begin a text (“ORCHESTRA”, “PARENTS”). */
function fits(signature: Signature, bytes: Uint8Array): boolean {
	if (!startsWith(bytes, signature.bytes)) return false;
	if (!signature.bytes.every(isPrintable)) return true;
	const text = textHead(bytes);
	return text === null || signature.text?.test(text) === true;
}

function zipKind(bytes: Uint8Array): { name: string; hint: string } {
	// Names of files are stored uncompressed, at the start of each file and in the directory at the end.
	const read = (part: Uint8Array): string => new TextDecoder('latin1').decode(part);
	const names = read(bytes.subarray(0, 4096)) + read(bytes.subarray(-4096));
	return ZIP_KINDS.find(({ mark }) => names.includes(mark)) ?? { name: 'a ZIP archive', hint: UNPACK };
}

function binaryKind(bytes: Uint8Array): { name: string; hint: string } | null {
	if (startsWith(bytes, [0x50, 0x4b, 3, 4]) || startsWith(bytes, [0x50, 0x4b, 5, 6])) return zipKind(bytes);
	if (startsWith(bytes, TAR_MAGIC.bytes, TAR_MAGIC.at) && textHead(bytes) === null)
		return { name: 'a tar archive', hint: UNPACK };
	return SIGNATURES.find((signature) => fits(signature, bytes)) ?? null;
}

/** @throws FormatError `file-binary` naming the kind of file and what to do, if the file holds no text */
export function expectNoBinary(bytes: Uint8Array, source: string): void {
	const kind = binaryKind(bytes);
	if (kind === null) return;
	throw new FormatError(`${source} is ${kind.name}, not text.`, {
		code: 'file-binary',
		hint: kind.hint,
		context: { source, kind: kind.name },
	});
}

const XML_DECLARATION = /^\s*(?:<\?xml[^>]*>)?/i;
const HTML_START = /^(?:<!doctype\s+html|<html[\s>])/i;
/** Longest title that a message names. */
const LONGEST_TITLE = 100;
const HTML_PARTS = /<(?:head|body|title|meta)[\s>]/i;
const XML_START = /^\s*<\?xml[\s>]/i;
const LFS_START = 'version https://git-lfs.github.com/spec/';

/** The text after its XML declaration and the comments at its start. */
function afterComments(text: string): string {
	let rest = text.replace(XML_DECLARATION, '').trimStart();
	while (rest.startsWith('<!--')) {
		const end = rest.indexOf('-->', 4);
		if (end < 0) break;
		rest = rest.slice(end + 3).trimStart();
	}
	return rest;
}

/** The title of a page; null if it has none, or a long one. */
function titleOf(page: string): string | null {
	const title = /<title[^<>]*>([^<]*)</i.exec(page)?.[1]?.trim() ?? '';
	return title === '' || title.length > LONGEST_TITLE ? null : title;
}

/** @throws FormatError `file-web-page` or `file-pointer`, if a server sent a page or a pointer in place of the file */
export function expectNoPage(text: string, source: string): void {
	const start = text.slice(0, 20_000);
	if (HTML_START.test(afterComments(start)) && HTML_PARTS.test(start)) {
		const title = titleOf(start);
		throw new FormatError(
			`${source} is a web page${title === null ? '' : ` (“${title}”)`}, not a list of rows.`,
			{
				code: 'file-web-page',
				hint: 'A server often sends a page when a file needs a sign-in or its link leads to a view of it. Download the file itself (“raw”, “download”) and choose it again.',
				context: { source },
			},
		);
	}
	if (XML_START.test(start)) {
		throw new FormatError(`${source} is an XML document, not a list of rows.`, {
			code: 'file-web-page',
			hint: 'If you expected rows, the server sent a message instead: open the file to read it. Otherwise export the rows as JSONL or CSV.',
			context: { source },
		});
	}
	if (start.startsWith(LFS_START)) {
		throw new FormatError(`${source} is a Git LFS pointer, not the file itself.`, {
			code: 'file-pointer',
			hint: 'Download the file from the website of the repository, or run git lfs pull.',
			context: { source },
		});
	}
}
