/** Names the kind of a file that is not a run, so that the page can say what it is and where it belongs. */
import { isRecord } from '../format/record.ts';

export interface FileKind {
	/** Completes "It is …". */
	is: string;
	hint: string;
}

const NOT_A_RUN = 'Choose a file that was exported as a whole run; its name ends in .run.json.gz.';
const ADAPTER = 'An adapter alone holds no run. Choose the run that it was exported from.';
const IMPORT = 'Import it as your own pairs or prompts, in the recipe.';

interface Magic extends FileKind {
	bytes: readonly number[];
	at?: number;
}

const ascii = (text: string): readonly number[] => Array.from(text, (char) => char.charCodeAt(0));

const MAGIC: readonly Magic[] = [
	{ bytes: [0x89, ...ascii('PNG')], is: 'a PNG image', hint: NOT_A_RUN },
	{ bytes: [0xff, 0xd8, 0xff], is: 'a JPEG image', hint: NOT_A_RUN },
	{ bytes: ascii('GIF8'), is: 'a GIF image', hint: NOT_A_RUN },
	{ bytes: ascii('WEBP'), at: 8, is: 'a WebP image', hint: NOT_A_RUN },
	{ bytes: ascii('ftyp'), at: 4, is: 'a video or an image', hint: NOT_A_RUN },
	{ bytes: ascii('%PDF'), is: 'a PDF document', hint: NOT_A_RUN },
	{
		bytes: ascii('PK\x03\x04'),
		is: 'a ZIP archive, or an Office document',
		hint: 'If it is an export of everything, unpack it and choose one of its files that end in .run.json.gz.',
	},
	{ bytes: ascii('PAR1'), is: 'a Parquet file', hint: IMPORT },
	{ bytes: ascii('GGUF'), is: 'a GGUF model', hint: NOT_A_RUN },
	{ bytes: ascii('SQLite format 3'), is: 'an SQLite database', hint: NOT_A_RUN },
	{ bytes: ascii('BZh'), is: 'a bzip2 archive', hint: 'Unpack it first.' },
	{ bytes: [0xfd, ...ascii('7zXZ')], is: 'an xz archive', hint: 'Unpack it first.' },
	{ bytes: [0x28, 0xb5, 0x2f, 0xfd], is: 'a Zstandard archive', hint: 'Unpack it first.' },
	{ bytes: ascii('7z\xbc\xaf'), is: 'a 7-Zip archive', hint: 'Unpack it first.' },
	{ bytes: ascii('ustar'), at: 257, is: 'a tar archive', hint: 'Unpack it first.' },
	{ bytes: [0, 0x61, 0x73, 0x6d], is: 'a WebAssembly program', hint: NOT_A_RUN },
];

/** The kind that the first bytes name; null if they name none. */
export function kindOfBytes(bytes: Uint8Array): FileKind | null {
	const found = MAGIC.find(({ bytes: magic, at = 0 }) => magic.every((byte, i) => bytes[at + i] === byte));
	if (found !== undefined) return found;
	// Safetensors: a header length of 8 bytes, then the header's brace.
	if (bytes.length > 9 && bytes[8] === 0x7b && bytes[7] === 0 && bytes[6] === 0)
		return { is: 'a safetensors file', hint: ADAPTER };
	return null;
}

interface Shape extends FileKind {
	/** Fields that no other kind has together. */
	fields: readonly string[];
}

const SHAPES: readonly Shape[] = [
	{
		fields: ['objective', 'lora', 'training'],
		is: 'a recipe',
		hint: 'A recipe is not a run: it has no results. Open a recipe by its link.',
	},
	{ fields: ['peft_type'], is: 'the settings of an adapter', hint: ADAPTER },
	{ fields: ['chosen', 'rejected'], is: 'a file of preference pairs', hint: IMPORT },
	{ fields: ['completion', 'label'], is: 'a file of labelled completions', hint: IMPORT },
	{
		fields: ['grad_norm', 'step'],
		is: 'the curves of a run',
		hint: 'The curves hold no rows. Choose the whole run instead.',
	},
	{
		fields: ['record', 'adapters'],
		is: 'a run file in a form that this page does not know',
		hint: 'Update this page, then open it again.',
	},
	{ fields: ['phase', 'recipe', 'outputs'], is: 'a stored record without its envelope', hint: NOT_A_RUN },
	{ fields: ['messages'], is: 'a file of conversations', hint: IMPORT },
	{ fields: ['prompt'], is: 'a file of prompts', hint: IMPORT },
	{ fields: ['instruction'], is: 'a file of instructions', hint: IMPORT },
	{ fields: ['model_type'], is: 'the settings of a model', hint: NOT_A_RUN },
	{ fields: ['tokenizer_class'], is: 'the settings of a tokenizer', hint: NOT_A_RUN },
];

/** The kind of parsed JSON that is not a run; a list has the kind of its first item. */
export function kindOfJson(json: unknown): FileKind {
	const first: unknown = Array.isArray(json) ? json[0] : json;
	const found = isRecord(first)
		? SHAPES.find(({ fields }) => fields.every((field) => field in first))
		: undefined;
	return found ?? { is: 'JSON of another kind', hint: NOT_A_RUN };
}

/** The kind of text that is not JSON as a whole. */
export function kindOfText(text: string): FileKind {
	const line =
		text
			.trimStart()
			.slice(0, 100_000)
			.split(/\r\n|\r|\n/, 1)[0] ?? '';
	try {
		return kindOfJson(JSON.parse(line));
	} catch {
		// The first line is no JSON either.
	}
	if (/^<(?:!doctype html|html|head|body)\b/i.test(line)) return { is: 'a web page', hint: NOT_A_RUN };
	if (/^[{[]/.test(line))
		return { is: 'JSON that is cut off or damaged', hint: 'Export the run again, or copy the whole file.' };
	if (/^[^,;\t]+(?:[,;\t][^,;\t]+)+$/.test(line)) return { is: 'a table (CSV)', hint: IMPORT };
	return { is: 'plain text', hint: NOT_A_RUN };
}
