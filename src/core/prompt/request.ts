/** Reads the user's request from the columns of a row, for prompt files and for pairs. */
import { columnKey } from '../format/columnKey.ts';
import type { Message } from '../output/output.ts';
import { isRequestName } from './chooseColumn.ts';
import {
	ADDABLE_COLUMNS,
	ADDITION_COLUMNS,
	type Columns,
	isBlank,
	REQUEST_COLUMNS,
	SYSTEM_COLUMNS,
} from './columns.ts';
import { isFault, UnusableRow } from './fault.ts';
import { readTextOrMessages } from './messages.ts';
import { readTurns } from './turns.ts';

/** Speakers of a chat. A prompt of “Question:” and “Answer:” is a text that the user wrote so. */
const CHAT_START = /^\s*\W{0,4}(?:human|user|prompter)\b/i;

export interface Request {
	/** A text, or the conversation up to the answer. */
	content: string | Message[];
	/** The column that holds it. */
	column: string;
}

/** The text of a column that adds to the request; null if there is none. */
function additionOf(columns: Columns, key: string): string | null {
	if (!ADDABLE_COLUMNS.has(key)) return null;
	const found = columns.first(ADDITION_COLUMNS);
	return typeof found?.value === 'string' && !isBlank(found.value) ? found.value.trim() : null;
}

function systemOf(columns: Columns): string | null {
	const found = columns.first(SYSTEM_COLUMNS);
	if (found === undefined) return null;
	const read = readTextOrMessages(found.value);
	const text = typeof read === 'string' || isFault(read) ? read : read[0]?.content;
	return typeof text === 'string' && !isBlank(text) ? text.trim() : null;
}

/**
 * The text of a system column opens the question, because a run asks single questions. A conversation keeps the system
 * message as a message.
 */
function withColumns(content: string | Message[], columns: Columns, key: string): string | Message[] {
	const system = systemOf(columns);
	if (typeof content !== 'string')
		return system === null ? content : [{ role: 'system', content: system }, ...content];
	if (content.trim() === '') return content;
	const addition = additionOf(columns, key);
	if (system === null && addition === null) return content;
	return [system, content.trim(), addition].filter((part) => part !== null).join('\n\n');
}

/**
 * The request of a row; null if no column holds one.
 *
 * @param names columns in which to look, best first; without them, a column whose name speaks of a request
 */
export function readRequest(
	columns: Columns,
	names: readonly string[] = REQUEST_COLUMNS,
): Request | UnusableRow | null {
	const found = columns.first(names) ?? columns.first(columns.names.filter(isRequestName).map(columnKey));
	if (found === undefined) return null;
	const { key, value } = found;
	const earlier = columns.get('history');
	if (Array.isArray(earlier) && earlier.length > 0 && typeof value === 'string') {
		return new UnusableRow(
			'the conversation has earlier turns (“history”); only single questions can be used here',
		);
	}
	const content = readTextOrMessages(value);
	if (isFault(content)) return new UnusableRow(`“${key}”: ${content.reason}`);
	return { content: withColumns(askedTurns(content), columns, key), column: key };
}

/** A text of turns, if a template wrote it or it ends where the assistant's answer begins; else the text itself. */
function askedTurns(content: string | Message[]): string | Message[] {
	if (typeof content !== 'string') return content;
	const turns = readTurns(content);
	const last = turns?.messages.at(-1);
	if (turns === null || last?.role !== 'assistant' || last.content !== '') return content;
	return turns.isTemplate || CHAT_START.test(content) ? turns.messages.slice(0, -1) : content;
}
