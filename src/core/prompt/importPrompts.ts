/**
 * Imports the user's prompts from a file or a text field: one per line, CSV, or JSONL. Unusable rows are
 * listed with line and reason; a file without any usable row is refused with a hint.
 */
import Papa from 'papaparse';
import { FormatError } from '../errors.ts';
import { type JsonLine, readJsonLines } from '../format/jsonl.ts';
import { decodeUtf8 } from '../format/text.ts';
import { hash32 } from '../math/hash.ts';
import type { Prompt, PromptSet, SkippedRow } from './prompt.ts';

/** Limits of an import: beyond them, reading stops with a message before the page would freeze. */
export const PROMPT_LIMITS = { bytes: 8 * 1024 * 1024, prompts: 20_000, characters: 8_000 } as const;

/** Accepted names of the prompt's column or field, best first. */
export const PROMPT_FIELDS = ['prompt', 'instruction', 'question', 'text'] as const;

export type PromptFileKind = 'lines' | 'csv' | 'jsonl';

/** One row before its checks: its text, or the reason why it has none. */
type Row = { line: number; raw: string } & ({ text: string } | { reason: string });

function pickField(record: Readonly<Record<string, unknown>>): unknown {
	for (const field of PROMPT_FIELDS)
		if (record[field] !== undefined && record[field] !== null) return record[field];
	return undefined;
}

/** Reads the only user message of a conversation. */
function fromMessages(messages: readonly unknown[]): { text: string } | { reason: string } {
	const users = messages.filter(
		(message): message is { content: string } =>
			typeof message === 'object' &&
			message !== null &&
			(message as { role?: unknown }).role === 'user' &&
			typeof (message as { content?: unknown }).content === 'string',
	);
	const [only] = users;
	if (only === undefined) return { reason: 'the conversation has no user message' };
	return users.length === 1
		? { text: only.content }
		: { reason: 'the conversation has more than one user message' };
}

function fromJson(value: unknown): { text: string } | { reason: string } {
	if (typeof value === 'string') return { text: value };
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		return { reason: 'neither a text nor an object' };
	}
	const record = value as Record<string, unknown>;
	const found = pickField(record) ?? record['messages'];
	if (typeof found === 'string') return { text: found };
	if (Array.isArray(found)) return fromMessages(found);
	return { reason: `no field ${PROMPT_FIELDS.join(', ')} or messages` };
}

function jsonRow(line: JsonLine): Row {
	return { line: line.line, raw: line.text, ...(line.ok ? fromJson(line.value) : { reason: line.reason }) };
}

/** Reads a file that is one JSON list, numbering its entries like lines; null if the file is not a list. */
function listRows(text: string): Row[] | null {
	if (!text.trimStart().startsWith('[')) return null;
	try {
		const list: unknown = JSON.parse(text);
		if (!Array.isArray(list)) return null;
		return list.map((value, i) => ({ line: i + 1, raw: JSON.stringify(value), ...fromJson(value) }));
	} catch {
		// The text is not one list. The caller reads it as lines, each with its own reason.
		return null;
	}
}

/** Skips blank lines. */
function lineRows(text: string): Row[] {
	const rows = text.split(/\r?\n/).map((raw, i) => ({ line: i + 1, raw, text: raw }));
	return rows.filter(({ raw }) => raw.trim() !== '');
}

/** Reads the column that the first row names. If it names none, reads the first column of all rows. */
function csvRows(text: string): Row[] {
	const { data, errors } = Papa.parse<string[]>(text, { skipEmptyLines: 'greedy' });
	const names = (data[0] ?? []).map((name) => name.trim().toLowerCase());
	const named = PROMPT_FIELDS.map((field) => names.indexOf(field)).find((index) => index >= 0);
	const column = named ?? 0;
	const quotes = errors.filter(({ type }) => type === 'Quotes');
	const broken = new Map(quotes.map(({ row, message }) => [row ?? -1, message]));
	return data
		.map((cells, i): Row => {
			const raw = cells.join(',');
			const fault = broken.get(i);
			const cell = cells[column];
			if (fault !== undefined) return { line: i + 1, raw, reason: fault };
			return cell === undefined
				? { line: i + 1, raw, reason: `no column ${column + 1}` }
				: { line: i + 1, raw, text: cell };
		})
		.slice(named === undefined ? 0 : 1);
}

/**
 * Uses the file's extension; if it is unknown, JSONL if the first line is a JSON text or object, else lines.
 */
export function promptFileKind(name: string, text: string): PromptFileKind {
	const ending = /\.(\w+)$/.exec(name.toLowerCase())?.[1];
	if (ending === 'csv' || ending === 'tsv') return 'csv';
	if (ending === 'jsonl' || ending === 'ndjson' || ending === 'json') return 'jsonl';
	const [first] = readJsonLines(text);
	return first?.ok === true && (typeof first.value === 'string' || /^\s*\{/.test(first.text))
		? 'jsonl'
		: 'lines';
}

function readRows(name: string, text: string): Row[] {
	switch (promptFileKind(name, text)) {
		case 'csv':
			return csvRows(text);
		case 'jsonl':
			return listRows(text) ?? readJsonLines(text).map(jsonRow);
		case 'lines':
			return lineRows(text);
	}
}

function tooLarge(source: string, what: string, limit: string): FormatError {
	return new FormatError(`${source} ${what}; at most ${limit} can be used here.`, {
		code: 'prompts-too-large',
		hint: 'Use a part of the file: a few hundred prompts are enough to see a model learn.',
		context: { source },
	});
}

function promptOf(text: string): Prompt {
	return { id: `u-${hash32(text).toString(16).padStart(8, '0')}`, text, family: null };
}

/** Why a row's text cannot be a prompt; null if it can. */
function refusal(text: string, firstLine: number | undefined): string | null {
	if (text === '') return 'empty';
	if (firstLine !== undefined) return `the same as line ${firstLine}`;
	const { length } = Array.from(text);
	return length > PROMPT_LIMITS.characters
		? `${length} characters long; at most ${PROMPT_LIMITS.characters} can be used`
		: null;
}

/** Separates the prompts from the skipped rows. */
function sortRows(rows: readonly Row[], source: string): { prompts: Prompt[]; skipped: SkippedRow[] } {
	const prompts: Prompt[] = [];
	const skipped: SkippedRow[] = [];
	const lineOf = new Map<string, number>();
	for (const row of rows) {
		const { line, raw } = row;
		const text = 'text' in row ? row.text.trim() : '';
		const reason = 'reason' in row ? row.reason : refusal(text, lineOf.get(text));
		if (reason !== null) {
			skipped.push({ line, text: raw, reason });
			continue;
		}
		lineOf.set(text, line);
		prompts.push(promptOf(text));
		if (prompts.length > PROMPT_LIMITS.prompts) {
			throw tooLarge(source, `has more than ${PROMPT_LIMITS.prompts} prompts`, `${PROMPT_LIMITS.prompts}`);
		}
	}
	return { prompts, skipped };
}

export interface PromptImport {
	set: PromptSet;
	skipped: readonly SkippedRow[];
}

/**
 * Reads prompts from typed or pasted text.
 *
 * @throws FormatError if there is no usable prompt or the text is too large
 */
export function readPrompts(source: string, text: string): PromptImport {
	const { prompts, skipped } = sortRows(readRows(source, text), source);
	if (prompts.length === 0) {
		const first = skipped.find(({ reason }) => reason !== 'empty');
		const why = first === undefined ? 'it is empty' : `line ${first.line}: ${first.reason}`;
		throw new FormatError(`${source} holds no usable prompt: ${why}.`, {
			code: 'prompts-none',
			hint: 'Give one prompt per line, a CSV with a column “prompt”, or JSONL with {"prompt": "…"}.',
			context: { source, skipped: skipped.length },
		});
	}
	return { set: { name: source, source, prompts }, skipped };
}

/**
 * Checks a file's size before it is read into memory.
 *
 * @param bytes the file's size
 * @throws FormatError if it is too large
 */
export function expectUsableSize(name: string, bytes: number): void {
	if (bytes <= PROMPT_LIMITS.bytes) return;
	const megabytes = (size: number): string => `${(size / 1024 / 1024).toFixed(1)} MB`;
	throw tooLarge(name, `is ${megabytes(bytes)} large`, megabytes(PROMPT_LIMITS.bytes));
}

/**
 * Reads prompts from a file.
 *
 * @param name the file's name; its extension decides the form
 * @throws FormatError if the file is too large, is not UTF-8, or has no usable prompt
 */
export function importPrompts(name: string, bytes: Uint8Array): PromptImport {
	expectUsableSize(name, bytes.length);
	return readPrompts(name, decodeUtf8(bytes, name));
}
