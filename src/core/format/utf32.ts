/** Text in UTF-32, which TextDecoder does not read: some database tools and old editors write it. */
import { FormatError } from '../errors.ts';
import { startsWith } from './fileSignature.ts';

export type ByteOrder = 'little' | 'big';

const LITTLE_MARK = [0xff, 0xfe, 0, 0];
const BIG_MARK = [0, 0, 0xfe, 0xff];
/** Characters that decide about a text without a mark. */
const SAMPLE = 1024;

/** The code point at a place of a text; a number beyond Unicode if the bytes are none. */
const codeAt = (view: DataView, at: number, order: ByteOrder): number =>
	view.getUint32(at, order === 'little');

const viewOf = (bytes: Uint8Array): DataView =>
	new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function isScalar(code: number): boolean {
	return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

/** True if every sampled unit is a character, and some are of ASCII: bytes of other files make numbers beyond Unicode. */
function looksLike(bytes: Uint8Array, order: ByteOrder): boolean {
	const view = viewOf(bytes);
	const units = Math.min(SAMPLE, Math.floor(bytes.length / 4));
	let ascii = 0;
	for (let i = 0; i < units; i++) {
		const code = codeAt(view, 4 * i, order);
		if (code === 0 || !isScalar(code)) return false;
		if (code < 0x80) ascii++;
	}
	return units > 1 && ascii > 0;
}

/** The byte order of a text in UTF-32, by its mark or by its zeros; null for other bytes. */
export function utf32Order(bytes: Uint8Array): ByteOrder | null {
	if (startsWith(bytes, LITTLE_MARK)) return bytes.length % 4 === 0 ? 'little' : null;
	if (startsWith(bytes, BIG_MARK)) return 'big';
	if (bytes.length % 4 !== 0) return null;
	if (looksLike(bytes, 'little')) return 'little';
	return looksLike(bytes, 'big') ? 'big' : null;
}

/** Characters that are joined at a time: more would exceed the number of arguments of a call. */
const CHUNK = 4096;

/** @throws FormatError `not-utf32` with the place of the first unit that is no character */
export function decodeUtf32(bytes: Uint8Array, order: ByteOrder, source: string): string {
	const view = viewOf(bytes);
	const parts: string[] = [];
	let codes: number[] = [];
	for (let at = 0; at < bytes.length; at += 4) {
		const code = at + 4 <= bytes.length ? codeAt(view, at, order) : -1;
		if (code < 0 || !isScalar(code)) throw fault(source, at);
		codes.push(code);
		if (codes.length < CHUNK) continue;
		parts.push(String.fromCodePoint(...codes));
		codes = [];
	}
	return `${parts.join('')}${String.fromCodePoint(...codes)}`.replace(/^\ufeff/, '');
}

function fault(source: string, offset: number): FormatError {
	return new FormatError(
		`${source} is UTF-32 text, but it cannot be read from about byte ${offset + 1} on.`,
		{
			code: 'not-utf32',
			hint: 'The file is damaged or was cut off. Save it again, as UTF-8, and choose it again.',
			context: { source, offset },
		},
	);
}
