/** Rows of JSON that hold the request one level deeper, or that are one message of a conversation. */
import type { FileRow } from '../format/rows.ts';
import { parseJson } from '../format/json.ts';
import { type Columns, REQUEST_COLUMNS } from './columns.ts';
import { roleIn } from './messages.ts';
import { userTurns } from './nestedQuestions.ts';
import { type Fields, isRecord } from '../format/record.ts';

/** Keys around the request of a batch: OpenAI's `body`, Anthropic's `params`, Gemini's `request`. */
const ENVELOPES = ['body', 'params', 'request'] as const;
/** Keys of a request inside of an envelope. */
const REQUESTS = ['messages', 'prompt', 'input', 'contents'] as const;

/** The request inside of a line of a batch, or the user's turns of an exported chat; another row is returned as it is. */
export function unwrapRequest(row: object): object {
	for (const name of ENVELOPES) {
		const inner = (row as Fields)[name];
		if (isRecord(inner) && REQUESTS.some((key) => inner[key] != null)) return asMessages(inner);
	}
	return userTurns(row);
}

/** Gemini's `contents` and OpenAI's `instructions` with `input` as messages. */
function asMessages(request: Fields): object {
	if (Array.isArray(request['contents'])) return { messages: request['contents'] };
	const { instructions, input } = request;
	if (typeof instructions !== 'string' || input == null) {
		return Array.isArray(input) ? { ...request, messages: input } : request;
	}
	const turns: unknown[] = Array.isArray(input) ? input : [{ role: 'user', content: input }];
	return { messages: [{ role: 'system', content: instructions }, ...turns] };
}

/** Columns of a message's text. */
const CONTENT_COLUMNS: readonly string[] = ['content', 'value', 'text', 'message', 'parts'];

/** Why a row that is one message is no prompt: the user did not write it. Null for other rows. */
export function notByUser(columns: Columns): string | null {
	const role = roleIn(columns);
	if (role === null || role === 'user' || columns.first(CONTENT_COLUMNS) === undefined) return null;
	const request = columns.first(REQUEST_COLUMNS)?.key;
	if (request !== undefined && !CONTENT_COLUMNS.includes(request)) return null;
	return `a message of the role “${role}”, not of the user`;
}

const roleOf = (row: FileRow): string | null =>
	row.ok && isRecord(row.value) && CONTENT_COLUMNS.some((key) => key in (row.value as Fields))
		? roleIn(new Map(Object.entries(row.value)))
		: null;

/** Only the first question of a file that is one conversation is a prompt: the later ones depend on the answers. */
export function firstQuestionOnly(rows: readonly FileRow[], text: string): readonly FileRow[] {
	const roles = rows.map(roleOf);
	if (roles.includes(null) || !roles.includes('assistant') || !isOneValue(text)) return rows;
	const first = roles.indexOf('user');
	return rows.map((row, i): FileRow =>
		roles[i] === 'user' && i !== first
			? { line: row.line, text: row.text, ok: false, reason: 'a later turn of the conversation in this file' }
			: row,
	);
}

function isOneValue(text: string): boolean {
	if (/^\s*\[/.test(text)) return true;
	try {
		parseJson(text);
		return true;
	} catch {
		// Lines of JSON are several values.
		return false;
	}
}
