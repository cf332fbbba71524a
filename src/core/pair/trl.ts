/**
 * One row of a TRL preference dataset in any of its shapes: explicit or implicit prompt, plain strings or message lists, and
 * the mixed shape of the CLAIR authors (prompt a string, sides the whole conversation). Rows as files are in jsonl.ts.
 */
import type { PairText } from '../batch/tokenize.ts';
import { FormatError } from '../errors.ts';
import { at } from '../math/at.ts';
import type { Message } from '../output/output.ts';

type Side = string | readonly Message[];

const ROLES: readonly string[] = ['system', 'user', 'assistant'] satisfies Message['role'][];

function wrong(field: string, found: unknown, expected: string): FormatError {
	const what =
		found === undefined ? 'missing' : Array.isArray(found) ? 'a list of another form' : typeof found;
	return new FormatError(`"${field}" is ${what}; expected ${expected}.`, {
		code: 'pair-row-invalid',
		hint: 'A row is {"prompt", "chosen", "rejected"} with texts or lists of {"role", "content"}.',
		context: { field },
	});
}

function isMessage(value: unknown): value is Message {
	if (typeof value !== 'object' || value === null) return false;
	const { role, content } = value as Record<string, unknown>;
	return typeof role === 'string' && ROLES.includes(role) && typeof content === 'string';
}

function readSide(row: Record<string, unknown>, field: string): Side {
	const value = row[field];
	if (typeof value === 'string') return value;
	if (Array.isArray(value) && value.length > 0 && value.every(isMessage)) {
		return value.map(({ role, content }) => ({ role, content }));
	}
	throw wrong(field, value, 'a text or a list of messages');
}

/**
 * Index of the first difference; the last index of the shorter list if there is none, so that no side is
 * empty.
 */
function divergence<T>(a: readonly T[], b: readonly T[], equal: (x: T, y: T) => boolean): number {
	const limit = Math.min(a.length, b.length);
	for (let i = 0; i < limit; i++) if (!equal(at(a, i), at(b, i))) return i;
	return Math.max(0, limit - 1);
}

function splitTexts(chosen: string, rejected: string): PairText {
	const a = Array.from(chosen);
	const b = Array.from(rejected);
	let length = divergence(a, b, (x, y) => x === y);
	// The space before a word belongs to the completion, as in byte-level tokenizers.
	if (length > 0 && a[length] !== b[length] && a[length - 1] === ' ') length--;
	return {
		form: 'text',
		prompt: a.slice(0, length).join(''),
		chosen: a.slice(length).join(''),
		rejected: b.slice(length).join(''),
	};
}

function splitChats(chosen: readonly Message[], rejected: readonly Message[]): PairText {
	const length = divergence(chosen, rejected, (x, y) => x.role === y.role && x.content === y.content);
	return {
		form: 'chat',
		prompt: chosen.slice(0, length),
		chosen: chosen.slice(length),
		rejected: rejected.slice(length),
	};
}

const asUser = (content: string): Message[] => [{ role: 'user', content }];
const asAssistant = (content: string): Message[] => [{ role: 'assistant', content }];

function joinPrompt(prompt: Side, chosen: Side, rejected: Side): PairText {
	if (typeof prompt === 'string' && typeof chosen === 'string' && typeof rejected === 'string') {
		return { form: 'text', prompt, chosen, rejected };
	}
	const sides = [chosen, rejected].map((side) => (typeof side === 'string' ? asAssistant(side) : side));
	const chosenChat = at(sides, 0);
	const rejectedChat = at(sides, 1);
	const whole = chosenChat[0]?.role !== 'assistant' && rejectedChat[0]?.role !== 'assistant';
	if (typeof prompt === 'string' && whole) return splitChats(chosenChat, rejectedChat);
	return {
		form: 'chat',
		prompt: typeof prompt === 'string' ? asUser(prompt) : prompt,
		chosen: chosenChat,
		rejected: rejectedChat,
	};
}

/**
 * Converts a parsed row to texts that can be tokenised.
 *
 * @throws  FormatError naming the field that is missing or of another form
 * @source  trl 1.16 data_utils.extract_prompt · golden: tokenizer/trl_prepare*.json
 */
export function readTrlRow(row: Readonly<Record<string, unknown>>): PairText {
	const chosen = readSide(row, 'chosen');
	const rejected = readSide(row, 'rejected');
	const prompt = row['prompt'] === undefined || row['prompt'] === null ? null : readSide(row, 'prompt');
	if (prompt !== null) return joinPrompt(prompt, chosen, rejected);
	if (typeof chosen === 'string' && typeof rejected === 'string') return splitTexts(chosen, rejected);
	if (typeof chosen !== 'string' && typeof rejected !== 'string') return splitChats(chosen, rejected);
	throw wrong('rejected', row['rejected'], 'the same form as "chosen"');
}

/** One answer with a label, the data of KTO. */
export interface UnpairedRow {
	/** The prompt, with the completion on both sides until it is paired. */
	sides: PairText;
	/** True for a desired completion. */
	label: boolean;
}

/**
 * A parsed `{"prompt", "completion", "label"}`.
 *
 * @throws FormatError naming the field that is missing or of another form
 */
export function readUnpairedRow(row: Readonly<Record<string, unknown>>): UnpairedRow {
	const completion = readSide(row, 'completion');
	const prompt = readSide(row, 'prompt');
	const { label } = row;
	if (typeof label !== 'boolean') throw wrong('label', label, 'true or false');
	return { sides: joinPrompt(prompt, completion, completion), label };
}
