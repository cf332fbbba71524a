/** Prompts of rows with columns, in JSON and in tables alike. */
import { columnKey } from '../format/columnKey.ts';
import type { Message } from '../output/output.ts';
import { type Candidate, chooseColumn } from './chooseColumn.ts';
import { Columns, REQUEST_COLUMNS, SYSTEM_COLUMNS } from './columns.ts';
import { notByUser } from './envelope.ts';
import { isFault, tryRow, type UnusableRow } from './fault.ts';
import { columnId, columnOption, type PromptRow, type PromptRows, type RowText } from './layout.ts';
import { readTextOrMessages } from './messages.ts';
import { readRequest } from './request.ts';

export const isSystem = (name: string): boolean => SYSTEM_COLUMNS.includes(columnKey(name));

/** Rows whose texts are compared to choose a column. */
export const SAMPLE = 200;

/** The only question of a conversation. */
function onlyQuestion(messages: readonly Message[]): RowText {
	const users = messages.filter(({ role }) => role === 'user');
	const [only] = users;
	if (only === undefined) return { reason: 'the conversation has no user message' };
	if (users.length > 1) return { reason: 'the conversation has more than one user message' };
	const hasSystem = messages.some(({ role, content }) => role === 'system' && content.trim() !== '');
	return hasSystem ? { text: only.content, note: 'its system message was left out' } : { text: only.content };
}

export const hasTurns = (columns: Columns): boolean =>
	columns.first(REQUEST_COLUMNS) === undefined && Array.isArray(columns.get('turns'));

/** MT-Bench's `turns` are the user's texts; each but the first follows an answer. */
function firstTurn(turns: unknown): RowText {
	const [first, ...later] = turns as readonly unknown[];
	if (typeof first !== 'string') {
		const content = readTextOrMessages(turns);
		if (isFault(content)) return { reason: content.reason };
		return typeof content === 'string' ? { text: content } : onlyQuestion(content);
	}
	return later.length === 0 ? { text: first } : { text: first, note: 'its later turns were left out' };
}

/** @param names the columns that may hold the prompt, best first */
function fromColumns(columns: Columns, names: readonly string[]): RowText {
	const other = notByUser(columns);
	if (other !== null) return { reason: other };
	if (hasTurns(columns) && names.length > 1) return firstTurn(columns.get('turns'));
	const request = readRequest(columns, names);
	if (request === null) return { reason: `no prompt; the row has ${columns.list}` };
	if (isFault(request)) return { reason: request.reason };
	return typeof request.content === 'string' ? { text: request.content } : onlyQuestion(request.content);
}

/** A row of a file with its columns, a text without columns, or a fault. */
export interface Parsed {
	line: number;
	raw: string;
	value: Columns | string | UnusableRow;
}

export const isColumns = (value: Parsed['value']): value is Columns => value instanceof Columns;

/** Reads rows of columns: from the chosen column, else from the first one of a known name, else from the best one by content. */
export function fromParsed(
	rows: readonly Parsed[],
	names: readonly string[],
	chosen: string | null,
): PromptRows {
	const isRequest = (row: Columns): boolean => row.first(REQUEST_COLUMNS) !== undefined || hasTurns(row);
	const sample = rows.map(({ value }) => value).filter(isColumns);
	const unknown = sample.filter((row) => !isRequest(row)).slice(0, SAMPLE);
	const candidates = names.map((name): Candidate => ({
		name,
		texts: isSystem(name) ? [] : unknown.map((row) => textOf(row, name)),
	}));
	const best = unknown.length === 0 ? null : chooseColumn(candidates);
	const fallback = best === null ? undefined : names[best];
	const picked = names.find((name) => columnId(name) === chosen);
	const keys =
		picked !== undefined
			? [columnKey(picked)]
			: [...REQUEST_COLUMNS, ...(fallback === undefined ? [] : [columnKey(fallback)])];
	const read = (value: Parsed['value']): RowText => {
		if (typeof value === 'string') return { text: value };
		const text = isFault(value) ? value : tryRow(() => fromColumns(value, keys));
		return isFault(text) ? { reason: text.reason } : text;
	};
	const used = picked ?? names.find((name) => columnKey(name) === usedKey(sample, keys));
	return {
		rows: rows.map(({ line, raw, value }): PromptRow => ({ line, raw, ...read(value) })),
		layout:
			names.length < 2 || used === undefined
				? null
				: { options: names.map(columnOption), chosen: columnId(used) },
	};
}

function usedKey(sample: readonly Columns[], keys: readonly string[]): string | undefined {
	return sample.map((row) => row.first(keys)?.key).find((key) => key !== undefined);
}

export function textOf(columns: Columns, name: string): string {
	const value = columns.get(name);
	return typeof value === 'string' ? value : '';
}
