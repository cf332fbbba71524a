/** Opens a file of rows: unpacks gzip, decodes text, reads Parquet, and names every other kind of file. */
import { asAppError, FormatError } from '../errors.ts';
import { gunzip } from './gzip.ts';
import { expectNoBinary, expectNoPage, unknownBinary } from './expectRows.ts';
import { isBinaryText, isGzip, isParquet } from './fileSignature.ts';
import { type FileRow, shownValue } from './rows.ts';
import { megabytes } from './megabytes.ts';
import { decodeText } from './decode.ts';

/**
 * Reads a Parquet file into plain objects. It is injected because its package is large and is loaded with the first such file.
 *
 * @throws FormatError if the file is damaged or packed in an unknown way
 */
export type ParquetReader = (bytes: Uint8Array<ArrayBuffer>, source: string) => Promise<readonly object[]>;

/** A file's text, or its rows. Line numbers of Parquet rows count rows. */
export type FileContent = { name: string } & ({ text: string } | { rows: readonly FileRow[] });

export interface OpenOptions {
	/** Largest number of bytes, also after unpacking. */
	limit: number;
	/** The error for more bytes; `what` follows the file's name: "unpacks to more than 64 MB". */
	tooLarge: (source: string, what: string) => FormatError;
	readParquet: ParquetReader;
}

async function unpacked(
	bytes: Uint8Array<ArrayBuffer>,
	name: string,
	{ limit, tooLarge }: OpenOptions,
): Promise<Uint8Array<ArrayBuffer>> {
	if (!isGzip(bytes)) return bytes;
	try {
		return await gunzip(bytes, { limit, source: name });
	} catch (thrown) {
		const error = asAppError(thrown);
		if (error.code === 'compressed-too-large')
			throw tooLarge(name, `unpacks to more than ${megabytes(limit)}`);
		throw new FormatError(error.message, {
			code: error.code,
			hint: 'Download the file again, or unpack it (gunzip) and choose the file inside.',
			context: { source: name },
			cause: thrown,
		});
	}
}

/** @throws FormatError `file-binary`, or of an encoding that cannot be read */
function textOf(bytes: Uint8Array, name: string): string {
	expectNoBinary(bytes, name);
	try {
		const text = decodeText(bytes, name);
		if (!isBinaryText(text)) return text;
	} catch (thrown) {
		// The place of a wrong letter helps only in a text.
		if (!isBinaryText(new TextDecoder('latin1').decode(bytes.subarray(0, 4096)))) throw thrown;
	}
	throw unknownBinary(name);
}

/**
 * Opens a file by its content; its name serves for messages, and its ending for the layout.
 *
 * @throws FormatError naming the file and what to do, if no rows can be read from it
 */
export async function openRowFile(
	name: string,
	packed: Uint8Array<ArrayBuffer>,
	options: OpenOptions,
): Promise<FileContent> {
	const bytes = await unpacked(packed, name, options);
	const inner = name.replace(/\.gz(?:ip)?$/i, '');
	if (isParquet(bytes)) {
		const rows = await options.readParquet(bytes, name);
		return {
			name: inner,
			rows: rows.map((value, i) => ({ line: i + 1, text: shownValue(value), ok: true, value })),
		};
	}
	const text = textOf(bytes, name);
	expectNoPage(text, name);
	return { name: inner, text };
}
