/**
 * Reads a text or a conversation from a value of a row: a text; a list of messages with `role` and `content` or ShareGPT's
 * `from` and `value`; content as parts; one message; an object around a list; and any of these as a text of JSON or Python.
 */
import { parseJson } from '../format/json.ts';
import type { Message } from '../output/output.ts';
import { isFault, UnusableRow } from './fault.ts';
import { type Fields, isRecord } from '../format/record.ts';

const ROLES = new Map<string, Message['role']>([
	['system', 'system'],
	['developer', 'system'],
	['user', 'user'],
	['human', 'user'],
	['prompter', 'user'],
	['customer', 'user'],
	['assistant', 'assistant'],
	['gpt', 'assistant'],
	['chatgpt', 'assistant'],
	['bing', 'assistant'],
	['bard', 'assistant'],
	['claude', 'assistant'],
	['model', 'assistant'],
	['bot', 'assistant'],
	['ai', 'assistant'],
	['chatbot', 'assistant'],
]);

const ROLE_FIELDS = ['role', 'from', 'speaker', 'author', 'sender'] as const;
const CONTENT_FIELDS = ['content', 'value', 'text', 'message', 'parts'] as const;
const LIST_FIELDS = ['messages', 'conversations', 'conversation', 'turns'] as const;
const TOOL_FIELDS = ['tool_calls', 'function_call'] as const;

const isGiven = (value: unknown): boolean =>
	value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0);

/** The first of the fields that is neither absent nor null. */
const firstOf = (fields: Fields, names: readonly string[]): unknown =>
	names.map((name) => fields[name]).find((value) => value !== undefined && value !== null);

/** A text that holds a list or an object as JSON or as Python prints it. */
function unquoted(text: string): unknown {
	if (!/^\s*(?:\[\s*[{'"]|\{\s*['"]|array\()/.test(text)) return text;
	try {
		const value = parseJson(text);
		return holdsMessages(value) ? value : text;
	} catch {
		// The text only looks like a list; it is a text.
		return text;
	}
}

/** True for a list of messages, a message, or an object around messages; other JSON is an answer in JSON. */
function holdsMessages(value: unknown): boolean {
	if (Array.isArray(value)) return value.length > 0 && value.every(isMessageLike);
	return isRecord(value) && (isMessageLike(value) || LIST_FIELDS.some((name) => Array.isArray(value[name])));
}

function isMessageLike(value: unknown): boolean {
	if (!isRecord(value)) return false;
	const role = roleNameOf(value);
	return role !== undefined && [...CONTENT_FIELDS, ...TOOL_FIELDS].some((name) => name in value);
}

function roleNameOf(message: Fields): string | undefined {
	const value = firstOf(message, ROLE_FIELDS);
	const name = isRecord(value) ? value['role'] : (value ?? typeAsRole(message));
	return typeof name === 'string' ? name.trim().toLowerCase() : undefined;
}

/** LangChain writes the role as `type`, which parts of a message have too. */
function typeAsRole({ type }: Fields): string | undefined {
	return typeof type === 'string' && ROLES.has(type.trim().toLowerCase()) ? type : undefined;
}

/** The role that a row names, in the words of a chat template where it is known; null if it names none. */
export function roleIn(row: { get(name: string): unknown }): string | null {
	for (const name of ROLE_FIELDS) {
		const value = row.get(name);
		if (typeof value !== 'string') continue;
		const role = value.trim().toLowerCase();
		const known = ROLES.get(role) ?? (OTHER_ROLES.has(role) ? role : undefined);
		// An author or a sender may also be a person.
		if (known !== undefined) return known;
	}
	return null;
}

/** Roles of messages that no person writes. */
const OTHER_ROLES: ReadonlySet<string> = new Set(['tool', 'function', 'ipython']);

/** Parts inside of parts: Gemini's `content: { parts: […] }` has two levels. */
const MOST_PARTS_DEPTH = 8;

/** The text of a message's content; its parts follow each other as chat templates write them. */
function readContent(content: unknown, depth = 0): string | UnusableRow {
	if (typeof content === 'string') return content;
	if (depth > MOST_PARTS_DEPTH) return new UnusableRow('a message has parts that are nested too deeply');
	if (isRecord(content)) return readPart(content, depth);
	if (!Array.isArray(content)) return new UnusableRow('a message has no text');
	const parts = content.map((part: unknown) => (typeof part === 'string' ? part : readPart(part, depth)));
	return parts.find(isFault) ?? parts.filter((part) => typeof part === 'string').join('');
}

function readPart(part: unknown, depth: number): string | UnusableRow {
	if (!isRecord(part)) return new UnusableRow('a message has a part that is no text');
	if (typeof part['text'] === 'string') return part['text'];
	if (Array.isArray(part['parts'])) return readContent(part['parts'], depth + 1);
	const kind = typeof part['type'] === 'string' ? part['type'] : 'another kind';
	return new UnusableRow(`a message has a part that is no text (${kind})`);
}

function readMessage(value: unknown): Message | UnusableRow {
	if (!isRecord(value)) return new UnusableRow('a list has an entry that is no message');
	if (TOOL_FIELDS.some((name) => isGiven(value[name]))) {
		return new UnusableRow('a message calls a tool; only texts can be used here');
	}
	const name = roleNameOf(value);
	if (name === undefined) return new UnusableRow('a message has no role');
	const role = ROLES.get(name);
	if (role === undefined)
		return new UnusableRow(
			`a message has the role “${name}”; only system, user and assistant can be used here`,
		);
	const content = readContent(firstOf(value, CONTENT_FIELDS));
	return isFault(content) ? content : { role, content };
}

function readList(list: readonly unknown[]): string | Message[] | UnusableRow {
	if (list.length === 0) return new UnusableRow('a list is empty');
	// A list of parts, or of one text, is one text.
	if (!list.some(isMessageLike) && list.every((part) => typeof part === 'string' || isText(part))) {
		return list.length === 1 || !list.every((part) => typeof part === 'string')
			? readContent(list)
			: new UnusableRow(`a list of ${list.length} texts, not one text`);
	}
	const messages = list.map(readMessage);
	return messages.find(isFault) ?? messages.filter((message): message is Message => !isFault(message));
}

const isText = (part: unknown): boolean => isRecord(part) && typeof part['text'] === 'string';

/**
 * A value of a row as a text or as messages.
 *
 * @param value neither undefined nor null
 */
export function readTextOrMessages(value: unknown): string | Message[] | UnusableRow {
	if (typeof value === 'string') {
		const inner = unquoted(value);
		return typeof inner === 'string' ? inner : readTextOrMessages(inner);
	}
	if (Array.isArray(value)) return readList(value);
	if (!isRecord(value)) return new UnusableRow(`${typeof value}, not a text`);
	const list = firstOf(value, LIST_FIELDS);
	if (Array.isArray(list)) return readList(list);
	if (isMessageLike(value)) {
		const message = readMessage(value);
		return isFault(message) ? message : [message];
	}
	const content = firstOf(value, CONTENT_FIELDS);
	return content === undefined ? new UnusableRow('an object without text or messages') : readContent(content);
}

const NUL = '\0';
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Why a text cannot be used although it is a text; null if it can. */
export function textFault(text: string): string | null {
	const nul = text.indexOf(NUL);
	if (nul >= 0) return `has the character NUL (U+0000) at position ${nul + 1}; remove it`;
	if (!LONE_SURROGATE.test(text)) return null;
	return `has half of a character (a lone surrogate) at position ${text.search(LONE_SURROGATE) + 1}; correct or remove it`;
}
