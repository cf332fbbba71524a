/** Names the file that someone gives in place of a run, so that the page can say what it is and where it belongs. */
import { type FileGroup, fileType } from '../format/fileSignature.ts';
import { beginsAsMarkup } from '../format/foreignText.ts';
import { isRecord } from '../format/record.ts';
import { looksLikeTable } from '../format/table.ts';

export interface OtherFile {
	/** Completes "It is …". */
	is: string;
	hint: string;
}

const NOT_A_RUN = 'Choose a file that was exported as a whole run; its name ends in .run.json.gz.';
const ADAPTER = 'An adapter alone holds no run. Choose the run that it was exported from.';
const IMPORT = 'Import it as your own pairs or prompts, in the recipe.';

/** Groups of files with a next action of their own; all others are no run at all. */
const HINTS: Partial<Record<FileGroup, string>> = {
	parquet: IMPORT,
	archive: 'Unpack it first.',
	zip: 'If it is an export of everything, unpack it and choose one of its files that end in .run.json.gz.',
	safetensors: ADAPTER,
};

/** The kind that the first bytes name; null if they name none. */
export function kindOfBytes(bytes: Uint8Array): OtherFile | null {
	const type = fileType(bytes);
	return type === null ? null : { is: type.name, hint: HINTS[type.group] ?? NOT_A_RUN };
}

interface Shape extends OtherFile {
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
export function kindOfJson(json: unknown): OtherFile {
	const first: unknown = Array.isArray(json) ? json[0] : json;
	const found = isRecord(first)
		? SHAPES.find(({ fields }) => fields.every((field) => field in first))
		: undefined;
	return found ?? { is: 'JSON of another kind', hint: NOT_A_RUN };
}

/** Characters that are looked at. */
const HEAD = 100_000;

/** Names of columns. One comma in a line makes no table: prose has commas too. */
const COLUMNS: ReadonlySet<string> = new Set([
	'prompt',
	'chosen',
	'rejected',
	'completion',
	'label',
	'instruction',
	'input',
	'output',
	'question',
	'answer',
	'response',
	'text',
	'score',
	'id',
	'step',
	'loss',
]);

/** The kind of text that is not JSON as a whole. */
export function kindOfText(text: string): OtherFile {
	const line =
		text
			.trimStart()
			.slice(0, HEAD)
			.split(/\r\n|\r|\n/, 1)[0] ?? '';
	try {
		return kindOfJson(JSON.parse(line));
	} catch {
		// The first line is no JSON either.
	}
	if (beginsAsMarkup(line)) return { is: 'a web page', hint: NOT_A_RUN };
	if (/^[{[]/.test(line))
		return { is: 'JSON that is cut off or damaged', hint: 'Export the run again, or copy the whole file.' };
	if (looksLikeTable(text.slice(0, HEAD), COLUMNS)) return { is: 'a table (CSV)', hint: IMPORT };
	return { is: 'plain text', hint: NOT_A_RUN };
}
