/** Decodes a user's file as UTF-8, UTF-16 or UTF-32, or refuses it with the place of the fault; never alters a letter. */
import { FormatError } from '../errors.ts';
import { startsWith } from './fileSignature.ts';
import { decodeUtf32, utf32Order } from './utf32.ts';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

const decodes = (bytes: Uint8Array, encoding: Encoding): boolean => {
	try {
		// `stream` accepts a cut-off last character.
		new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
		return true;
	} catch {
		// A fatal decoder throws only for bad bytes.
		return false;
	}
};

/** For the message: counts the bytes before the first fault, including those of a cut-off character. */
function firstBadByte(bytes: Uint8Array, encoding: Encoding): number {
	let good = 0;
	let bad = bytes.length;
	while (bad - good > 1) {
		const middle = (good + bad) >> 1;
		if (decodes(bytes.subarray(0, middle), encoding)) good = middle;
		else bad = middle;
	}
	return good;
}

function lineOf(bytes: Uint8Array, offset: number): number {
	let line = 1;
	for (let i = 0; i < offset; i++) {
		if (bytes[i] === 0x0a || (bytes[i] === 0x0d && bytes[i + 1] !== 0x0a)) line++;
	}
	return line;
}

/** The line around an offset as Windows-1252, the usual encoding of such files; shows the user what the byte means. */
function asWindows1252(bytes: Uint8Array, offset: number): string {
	const isEnd = (byte: number | undefined): boolean => byte === undefined || byte === 0x0a || byte === 0x0d;
	let start = offset;
	while (start > 0 && offset - start < 30 && !isEnd(bytes[start - 1])) start--;
	let end = offset;
	while (end - offset < 30 && !isEnd(bytes[end])) end++;
	return new TextDecoder('windows-1252').decode(bytes.subarray(start, end)).trim();
}

/**
 * @param source the file's name, for the message
 * @throws FormatError with the offset of the first byte that is not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, source: string): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch (cause) {
		const offset = firstBadByte(bytes, 'utf-8');
		const line = lineOf(bytes, offset);
		throw new FormatError(
			`${source} is not UTF-8 text: it cannot be read from about byte ${offset + 1} (line ${line}) on. As Windows-1252 the place reads “${asWindows1252(bytes, offset)}”.`,
			{
				code: 'not-utf8',
				hint: 'Save the file as UTF-8 (in most editors: Save with encoding; in Excel: CSV UTF-8) and choose it again.',
				context: { source, offset, line },
				cause,
			},
		);
	}
}

/** Bytes that decide between UTF-8 and UTF-16. */
const SAMPLE = 64 * 1024;

/** Shares of NUL bytes at even and odd offsets of the sample. */
function nulShares(bytes: Uint8Array): { even: number; odd: number } {
	const sample = bytes.subarray(0, SAMPLE);
	const counts = [0, 0];
	for (const [i, byte] of sample.entries()) if (byte === 0) counts[i % 2] = (counts[i % 2] ?? 0) + 1;
	const half = Math.max(1, sample.length / 2);
	return { even: (counts[0] ?? 0) / half, odd: (counts[1] ?? 0) / half };
}

/** Controls, unassigned and private characters do not occur in text that is decoded rightly. */
const IMPLAUSIBLE = /[\p{Cn}\p{Co}]|(?![\t\n\r])\p{Cc}/u;
const SPACES = /[ \n\r]/;

/** UTF-16 of a script without Latin letters has few NUL bytes; it is recognised if only one byte order gives text with spaces. */
function plausibleUtf16(bytes: Uint8Array): Encoding | null {
	const sample = bytes.subarray(0, SAMPLE - (SAMPLE % 2));
	const read = (encoding: Encoding): boolean => {
		if (!decodes(sample, encoding)) return false;
		const text = new TextDecoder(encoding).decode(sample, { stream: true });
		return SPACES.test(text) && !IMPLAUSIBLE.test(text);
	};
	if (bytes.length % 2 !== 0 || read('utf-8')) return null;
	const [little, big] = [read('utf-16le'), read('utf-16be')];
	if (little === big) return null;
	return little ? 'utf-16le' : 'utf-16be';
}

/** The encoding by byte order mark, else by the pattern of NUL bytes, else by plausibility. */
function encodingOf(bytes: Uint8Array): Encoding {
	if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return 'utf-8';
	if (startsWith(bytes, [0xff, 0xfe])) return 'utf-16le';
	if (startsWith(bytes, [0xfe, 0xff])) return 'utf-16be';
	const { even, odd } = nulShares(bytes);
	// Latin text in UTF-16 has a NUL in nearly every unit; text in UTF-8 has none, or one by mistake.
	if (odd > 0.5 && even < odd / 4) return 'utf-16le';
	if (even > 0.5 && odd < even / 4) return 'utf-16be';
	return plausibleUtf16(bytes) ?? 'utf-8';
}

function decodeUtf16(bytes: Uint8Array, encoding: Encoding, source: string): string {
	try {
		return new TextDecoder(encoding, { fatal: true }).decode(bytes);
	} catch (cause) {
		const offset = firstBadByte(bytes, encoding);
		throw new FormatError(
			`${source} is UTF-16 text, but it cannot be read from about byte ${offset + 1} on.`,
			{
				code: 'not-utf16',
				hint: 'The file is damaged or was cut off. Save it again, as UTF-8, and choose it again.',
				context: { source, offset },
				cause,
			},
		);
	}
}

/**
 * Text in UTF-8, or in UTF-16 or UTF-32 with or without a byte order mark. The mark itself is dropped.
 *
 * @throws FormatError `not-utf8`, `not-utf16` or `not-utf32` with the place of the fault
 */
export function decodeText(bytes: Uint8Array, source: string): string {
	const order = utf32Order(bytes);
	if (order !== null) return decodeUtf32(bytes, order, source);
	const encoding = encodingOf(bytes);
	return encoding === 'utf-8' ? decodeUtf8(bytes, source) : decodeUtf16(bytes, encoding, source);
}
