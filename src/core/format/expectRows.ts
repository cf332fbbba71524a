/** Refuses files that hold no rows as text: binary files by their kind, and pages and pointers in place of the file. */
import { FormatError } from '../errors.ts';
import { binaryType, type FileGroup } from './fileSignature.ts';
import { isLfsPointer, isWebPage, isXml, titleOf } from './foreignText.ts';

const EXPORT = 'Export the rows as JSONL or CSV and choose that file.';
const UNPACK = 'Unpack it and choose the file inside.';
const PLAIN_TEXT = 'Save it as plain text (UTF-8).';
const TEXT = 'Choose a file of text.';
const WEIGHTS =
	'It belongs to a model and holds no rows. Choose a file of prompts or pairs: JSONL, CSV or text.';

/** The user’s next action. */
const HINTS: Readonly<Record<FileGroup, string>> = {
	parquet: 'It was cut off. Download or copy the whole file again.',
	rows: EXPORT,
	sheet: 'Open it in a spreadsheet program, save the sheet as CSV (UTF-8), and choose that file.',
	document: PLAIN_TEXT,
	pdf: 'Copy its text into a text file, one prompt per line.',
	archive: UNPACK,
	zip: UNPACK,
	media: TEXT,
	program: TEXT,
	pickle: EXPORT,
	llama: WEIGHTS,
	safetensors: WEIGHTS,
};

function binary(source: string, kind: string, hint: string): FormatError {
	return new FormatError(`${source} is ${kind}, not text.`, {
		code: 'file-binary',
		hint,
		context: { source, kind },
	});
}

/** @throws FormatError `file-binary` naming the kind of file and what to do, if the first bytes are of no text */
export function expectNoBinary(bytes: Uint8Array, source: string): void {
	const type = binaryType(bytes);
	if (type === null) return;
	// Whole Parquet files are read.
	const name = type.group === 'parquet' ? `${type.name} without its end` : type.name;
	throw binary(source, name, HINTS[type.group]);
}

/** The error of a file of which nothing is known but that it is no text. */
export const unknownBinary = (source: string): FormatError =>
	binary(source, 'a binary file of an unknown kind', EXPORT);

/** @throws FormatError `file-web-page` or `file-pointer`, if a server sent a page or a pointer in place of the file */
export function expectNoPage(text: string, source: string): void {
	if (isWebPage(text)) {
		const title = titleOf(text);
		throw new FormatError(
			`${source} is a web page${title === null ? '' : ` (“${title}”)`}, not a list of rows.`,
			{
				code: 'file-web-page',
				hint: 'A server often sends a page when a file needs a sign-in or its link leads to a view of it. Download the file itself (“raw”, “download”) and choose it again.',
				context: { source },
			},
		);
	}
	if (isXml(text)) {
		throw new FormatError(`${source} is an XML document, not a list of rows.`, {
			code: 'file-web-page',
			hint: 'If you expected rows, the server sent a message instead: open the file to read it. Otherwise export the rows as JSONL or CSV.',
			context: { source },
		});
	}
	if (isLfsPointer(text)) {
		throw new FormatError(`${source} is a Git LFS pointer, not the file itself.`, {
			code: 'file-pointer',
			hint: 'Download the file from the website of the repository, or run git lfs pull.',
			context: { source },
		});
	}
}
