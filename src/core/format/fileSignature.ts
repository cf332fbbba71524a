/** The kinds of files that their first bytes name. Each reader decides if it reads such a file. */

/** Kinds of files that have the same use. */
export type FileGroup =
	| 'parquet'
	| 'rows'
	| 'sheet'
	| 'document'
	| 'pdf'
	| 'archive'
	| 'zip'
	| 'media'
	| 'program'
	| 'pickle'
	| 'llama'
	| 'safetensors';

export interface FileType {
	/** Follows "is": "a PNG image". */
	name: string;
	group: FileGroup;
}

interface Signature extends FileType {
	bytes: readonly number[];
	/** Offset of the bytes; 0 if absent. */
	at?: number;
	/** Further bytes, for first bytes that other files have too. */
	also?: { at: number; bytes: readonly number[] };
	/** Marks a file that may hold text alone, besides its first bytes. */
	text?: RegExp;
}

const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

export const GZIP = [0x1f, 0x8b];
const PARQUET = ascii('PAR1');
const riff = (form: string, name: string): Signature => ({
	...{ bytes: ascii('RIFF'), also: { at: 8, bytes: ascii(form) }, name, group: 'media' },
});
/** ISO base media files name their brand behind `ftyp`. */
const brand = (letters: string, name: string): Signature => ({
	...{ bytes: ascii(`ftyp${letters}`), at: 4, name, group: 'media' },
});
const media = (name: string, bytes: readonly number[]): Signature => ({ bytes, name, group: 'media' });
const rows = (name: string, bytes: readonly number[]): Signature => ({ bytes, name, group: 'rows' });
const archive = (name: string, bytes: readonly number[]): Signature => ({ bytes, name, group: 'archive' });
const program = (name: string, bytes: readonly number[]): Signature => ({ bytes, name, group: 'program' });

const SIGNATURES: readonly Signature[] = [
	{ bytes: PARQUET, name: 'a Parquet file', group: 'parquet' },
	rows('an encrypted Parquet file', ascii('PARE')),
	rows('an Arrow file', ascii('ARROW1')),
	rows('an Arrow stream', [0xff, 0xff, 0xff, 0xff]),
	rows('a Feather file', ascii('FEA1')),
	rows('an ORC file', ascii('ORC')),
	rows('an Avro file', [...ascii('Obj'), 1]),
	rows('an SQLite database', ascii('SQLite format 3')),
	{ ...rows('a DuckDB database', ascii('DUCK')), at: 8 },
	rows('an HDF5 file', [0x89, ...ascii('HDF')]),
	rows('a NumPy array', [0x93, ...ascii('NUMPY')]),
	{ bytes: [0xd0, 0xcf, 0x11, 0xe0], name: 'an old Office file (.xls or .doc)', group: 'sheet' },
	archive('a gzip file', GZIP),
	archive('a Zstandard file (.zst)', [0x28, 0xb5, 0x2f, 0xfd]),
	archive('a bzip2 file', ascii('BZh')),
	archive('an xz file', [0xfd, ...ascii('7zXZ')]),
	archive('an LZ4 file', [0x04, 0x22, 0x4d, 0x18]),
	archive('a 7-Zip archive', [0x37, 0x7a, 0xbc, 0xaf]),
	archive('a RAR archive', ascii('Rar!')),
	{ ...archive('a tar archive', ascii('ustar')), at: 257 },
	{ bytes: ascii('%PDF'), name: 'a PDF document', group: 'pdf', text: /^%PDF-\d[\s\S]*\d obj\b/ },
	{ bytes: ascii('{\\rtf'), name: 'an RTF document', group: 'document', text: /^\{\\rtf\d/ },
	media('a PNG image', [0x89, ...ascii('PNG')]),
	media('a JPEG image', [0xff, 0xd8, 0xff]),
	media('a GIF image', ascii('GIF8')),
	{ ...media('a BMP image', ascii('BM')), also: { at: 6, bytes: [0, 0, 0, 0] } },
	media('a TIFF image', [...ascii('II*'), 0]),
	media('a TIFF image', [...ascii('MM'), 0, ...ascii('*')]),
	media('an icon (.ico)', [0, 0, 1, 0]),
	riff('WEBP', 'a WebP image'),
	riff('WAVE', 'a WAV recording'),
	riff('AVI ', 'an AVI video'),
	brand('avi', 'an AVIF image'),
	brand('hei', 'a HEIC image'),
	brand('mif', 'a HEIC image'),
	brand('M4A', 'an M4A recording'),
	brand('qt', 'a QuickTime video'),
	brand('', 'an MP4 video'),
	media('a WebM or Matroska video', [0x1a, 0x45, 0xdf, 0xa3]),
	{ ...media('an MP3 recording', ascii('ID3')), also: { at: 4, bytes: [0] } },
	media('an MP3 recording', [0xff, 0xfb]),
	media('a FLAC recording', ascii('fLaC')),
	media('an Ogg recording', ascii('OggS')),
	media('a font', ascii('wOF2')),
	media('a font', ascii('wOFF')),
	media('a font', [0, 1, 0, 0, 0]),
	program('a WebAssembly program', [0, ...ascii('asm')]),
	program('a program', [0x7f, ...ascii('ELF')]),
	{ ...program('a program', ascii('MZ')), also: { at: 3, bytes: [0] } },
	{ bytes: ascii('GGUF'), name: 'a GGUF file of llama.cpp', group: 'llama' },
	{ bytes: ascii('GGML'), name: 'a GGML file of llama.cpp', group: 'llama' },
	...[2, 3, 4, 5].map((protocol): Signature => ({
		...{ bytes: [0x80, protocol], name: 'a Python pickle', group: 'pickle' },
	})),
];

const ZIP = [
	[...ascii('PK'), 3, 4],
	[...ascii('PK'), 5, 6],
];
/** Files inside of a ZIP that tell what the ZIP is. */
const ZIP_KINDS: readonly (FileType & { mark: string })[] = [
	{ mark: 'xl/', name: 'an Excel workbook', group: 'sheet' },
	{ mark: 'word/', name: 'a Word document', group: 'document' },
	{ mark: 'ppt/', name: 'a PowerPoint presentation', group: 'document' },
	{ mark: 'opendocument.spreadsheet', name: 'an OpenDocument spreadsheet', group: 'sheet' },
	{ mark: 'opendocument.text', name: 'an OpenDocument text', group: 'document' },
	{ mark: 'application/epub', name: 'an EPUB book', group: 'document' },
	{ mark: 'Index/', name: 'a Numbers or Pages document', group: 'sheet' },
	{ mark: 'data.pkl', name: 'a PyTorch file', group: 'pickle' },
];

export function startsWith(bytes: Uint8Array, start: readonly number[], at = 0): boolean {
	return bytes.length >= at + start.length && start.every((byte, i) => bytes[at + i] === byte);
}

export const isGzip = (bytes: Uint8Array): boolean => startsWith(bytes, GZIP);

const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;

/** Bytes in which a file that is not text has a byte that no text has. */
const HEAD = 4096;
const CONTROL = /(?![\t\n\v\f\r])\p{Cc}/u;

/** The first bytes as text; null if they hold a control character or are not UTF-8. */
function textHead(bytes: Uint8Array): string | null {
	const head = bytes.subarray(0, HEAD);
	try {
		// `stream` accepts a character that the end of the head cuts off.
		const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: bytes.length > HEAD });
		return CONTROL.test(text) ? null : text;
	} catch {
		// A fatal decoder throws only for bytes that are not UTF-8.
		return null;
	}
}

/** True for a whole Parquet file: text may begin, or end, with the same letters. */
export function isParquet(bytes: Uint8Array): boolean {
	const ends = startsWith(bytes, PARQUET, bytes.length - PARQUET.length);
	return startsWith(bytes, PARQUET) && ends && textHead(bytes) === null;
}

function zipKind(bytes: Uint8Array): FileType {
	// Names of files are stored uncompressed, at the start of each file and in the directory at the end.
	const read = (part: Uint8Array): string => new TextDecoder('latin1').decode(part);
	const names = read(bytes.subarray(0, HEAD)) + read(bytes.subarray(-HEAD));
	return ZIP_KINDS.find(({ mark }) => names.includes(mark)) ?? { name: 'a ZIP archive', group: 'zip' };
}

/** A header length of 8 bytes in little-endian order, then the header's JSON. */
function isSafetensors(bytes: Uint8Array): boolean {
	return bytes[8] === 0x7b && bytes[7] === 0 && bytes[6] === 0 && isPrintable(bytes[9] ?? 0);
}

function hasBytes({ bytes: start, at = 0, also }: Signature, bytes: Uint8Array): boolean {
	return startsWith(bytes, start, at) && (also === undefined || startsWith(bytes, also.bytes, also.at));
}

function typeOf(bytes: Uint8Array, accepts: (signature: Signature) => boolean): FileType | null {
	if (ZIP.some((start) => startsWith(bytes, start))) return zipKind(bytes);
	const found = SIGNATURES.find((signature) => hasBytes(signature, bytes) && accepts(signature));
	if (found !== undefined) return found;
	return isSafetensors(bytes) ? { name: 'a safetensors file', group: 'safetensors' } : null;
}

/** The kind of file that the first bytes name, where no text is expected; null if they name none. */
export const fileType = (bytes: Uint8Array): FileType | null => typeOf(bytes, () => true);

/** The same where a text is expected: letters may also begin a text (“ORCHESTRA”, “PARENTS”). */
export function binaryType(bytes: Uint8Array): FileType | null {
	let head: string | null | undefined;
	return typeOf(bytes, ({ bytes: start, text }) => {
		if (!start.every(isPrintable)) return true;
		head ??= textHead(bytes);
		return head === null || text?.test(head) === true;
	});
}

const [ESCAPE, RECORD_SEPARATOR] = [0x1b, 0x1e];

/** True for controls that no encoding of text uses: ESC switches character sets, and RS separates JSON texts. */
function isBinaryControl(code: number): boolean {
	const isText = (code >= 9 && code <= 13) || code === ESCAPE || code === RECORD_SEPARATOR;
	return code < 0x20 && !isText;
}

/** Controls of a text, in all and as a share, that some programs write by mistake. */
const FEW = 8;
const FEW_SHARE = 0.05;

/** True for a decoded text that was none: it holds control characters all over. */
export function isBinaryText(text: string): boolean {
	const head = text.slice(0, HEAD);
	const controls = Array.from(head).filter((letter) => isBinaryControl(letter.charCodeAt(0))).length;
	return controls > FEW && controls > head.length * FEW_SHARE;
}
