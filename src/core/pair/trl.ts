/**
 * One row of a preference dataset in any of its usual shapes: TRL's (explicit or implicit prompt, texts or message lists), the
 * mixed shape of the CLAIR authors (prompt a text, sides the whole conversation), turns written as text (HH-RLHF), columns of
 * other names (Orca, Alpaca), ShareGPT's, OpenAI's. Rows as files are in importPairs.ts.
 */
import type { PairText } from '../batch/tokenize.ts';
import { at } from '../math/at.ts';
import type { Message } from '../output/output.ts';
import { columnKey } from '../format/columnKey.ts';
import { Columns, isBlank, REQUEST_COLUMNS } from '../prompt/columns.ts';
import { isFault, UnusableRow } from '../prompt/fault.ts';
import { readTextOrMessages } from '../prompt/messages.ts';
import { readRequest, type Request } from '../prompt/request.ts';
import { readTurns, withoutEndTokens } from '../prompt/turns.ts';
import { sideValues } from './reference.ts';

type Side = string | readonly Message[];

/** Words in the names of the two sides' columns, alone or with others: `chosen`, `response_rejected`. */
const POLES: readonly (readonly [chosen: string, rejected: string])[] = [
	['chosen', 'rejected'],
	['preferred', 'non_preferred'],
	['preferred', 'dispreferred'],
	['preferred', 'rejected'],
	['accepted', 'rejected'],
	['better', 'worse'],
	['best', 'worst'],
	['good', 'bad'],
	['winner', 'loser'],
	['winning', 'losing'],
	['positive', 'negative'],
	['correct', 'incorrect'],
	['w', 'l'],
	['j', 'k'],
];

const COMPLETION_COLUMNS: readonly string[] = ['completion', 'response', 'answer', 'output'];
const LABEL_COLUMNS: readonly string[] = ['label', 'kto_tag', 'desirable', 'is_desirable'];

/** Texts that programs write for a missing value. */
const MISSING_TEXTS: readonly unknown[] = ['NaN', 'nan', 'None', 'null'];

function readSide(value: unknown, key: string): Side | UnusableRow {
	if (MISSING_TEXTS.includes(value)) return new UnusableRow(`“${key}” is missing: it is “${String(value)}”`);
	const side = readTextOrMessages(value);
	return isFault(side) ? new UnusableRow(`“${key}”: ${side.reason}`) : side;
}

/** Index of the first difference; the last index of the shorter list if there is none, so that no side is empty. */
function divergence(a: readonly Message[], b: readonly Message[]): number {
	const limit = Math.min(a.length, b.length);
	for (let i = 0; i < limit; i++) {
		const [x, y] = [at(a, i), at(b, i)];
		if (x.role !== y.role || x.content !== y.content) return i;
	}
	return Math.max(0, limit - 1);
}

/** @source trl 1.16 data_utils.extract_prompt, for conversations */
function splitChats(chosen: readonly Message[], rejected: readonly Message[]): PairText {
	const length = divergence(chosen, rejected);
	return {
		form: 'chat',
		prompt: chosen.slice(0, length),
		chosen: chosen.slice(length),
		rejected: rejected.slice(length),
	};
}

const asUser = (content: string): Message[] => [{ role: 'user', content }];
const asAssistant = (side: Side): readonly Message[] =>
	typeof side === 'string' ? [{ role: 'assistant', content: side }] : side;

/** A side that is written as a whole conversation, beside a prompt that it repeats. */
function wholeTurns(side: Side, prompt: Side): Side {
	if (typeof side !== 'string') return side;
	const turns = readTurns(side);
	const question = turns?.messages.find(({ role }) => role === 'user')?.content;
	if (turns === null || question === undefined) return side;
	const asked = typeof prompt === 'string' ? prompt : prompt.map(({ content }) => content).join('\n');
	return question !== '' && asked.includes(question) ? turns.messages : side;
}

const startsWith = (side: readonly Message[], prompt: readonly Message[]): boolean =>
	side.length > prompt.length &&
	prompt.every(({ role, content }, i) => side[i]?.role === role && side[i].content === content);

function joinPrompt(prompt: Side, chosen: Side, rejected: Side): PairText {
	const sides = withoutEndTokens([chosen, rejected].map((side) => wholeTurns(side, prompt)));
	const [chosenSide, rejectedSide] = [at(sides, 0), at(sides, 1)];
	if (typeof prompt === 'string' && typeof chosenSide === 'string' && typeof rejectedSide === 'string') {
		return { form: 'text', prompt, chosen: chosenSide, rejected: rejectedSide };
	}
	const [chosenChat, rejectedChat] = [asAssistant(chosenSide), asAssistant(rejectedSide)];
	const isWhole = [chosenChat, rejectedChat].every(
		([first]) => first !== undefined && first.role !== 'assistant',
	);
	if (typeof prompt === 'string') {
		if (isWhole) return splitChats(chosenChat, rejectedChat);
		return { form: 'chat', prompt: asUser(prompt), chosen: chosenChat, rejected: rejectedChat };
	}
	const repeats = startsWith(chosenChat, prompt) && startsWith(rejectedChat, prompt);
	// The list is another part of the row, for example the chosen conversation.
	if (isWhole && !repeats) return splitChats(chosenChat, rejectedChat);
	const cut = (side: readonly Message[]): readonly Message[] => (repeats ? side.slice(prompt.length) : side);
	return { form: 'chat', prompt, chosen: cut(chosenChat), rejected: cut(rejectedChat) };
}

const NO_PROMPT = 'no prompt: neither a column with it nor turns of a user and an assistant';

/** Without a prompt, both sides must be whole conversations: letters that two answers share are no prompt. */
function splitSides(chosen: Side, rejected: Side): PairText | UnusableRow {
	const [a, b] = [chosen, rejected].map((side) =>
		typeof side === 'string' ? (readTurns(side)?.messages ?? null) : side,
	);
	if (a == null || b == null) return new UnusableRow(NO_PROMPT);
	const isWhole = [a, b].every(([first]) => first !== undefined && first.role !== 'assistant');
	return isWhole ? splitChats(a, b) : new UnusableRow(NO_PROMPT);
}

function readPair(
	columns: Columns,
	request: Request | null,
	names: readonly [string, string],
): PairText | UnusableRow {
	const values = sideValues(columns, names);
	if (isFault(values)) return values;
	const [chosen, rejected] = names.map((name, i) => readSide(values[i], name));
	if (chosen === undefined || isFault(chosen)) return chosen ?? new UnusableRow(NO_PROMPT);
	if (rejected === undefined || isFault(rejected)) return rejected ?? new UnusableRow(NO_PROMPT);
	if (request !== null && !isBlank(request.content)) return joinPrompt(request.content, chosen, rejected);
	const split = splitSides(chosen, rejected);
	return isFault(split) && request !== null ? new UnusableRow('the prompt is empty') : split;
}

/** One answer with a label, the data of KTO. */
export interface LabelledAnswer {
	/** The prompt, with the answer on both sides until it is paired. */
	sides: PairText;
	/** True for a desired answer. */
	label: boolean;
}

export type PairRow = { kind: 'pair'; sides: PairText } | ({ kind: 'answer' } & LabelledAnswer);

const LABELS = new Map<unknown, boolean>([
	[true, true],
	[false, false],
	[1, true],
	[0, false],
	['true', true],
	['false', false],
	['1', true],
	['0', false],
	['1.0', true],
	['0.0', false],
	['desirable', true],
	['undesirable', false],
	...POLES.flatMap(([wanted, unwanted]): [string, boolean][] => [
		[wanted, true],
		[unwanted, false],
	]),
]);

function readAnswer(columns: Columns, request: Request | null): LabelledAnswer | UnusableRow {
	const value = columns.first(LABEL_COLUMNS)?.value;
	const label = LABELS.get(typeof value === 'string' ? value.trim().toLowerCase() : value);
	if (label === undefined)
		return new UnusableRow(`"label" is ${JSON.stringify(value)}; expected true or false`);
	const key = columns.first(COMPLETION_COLUMNS)?.key;
	if (key === undefined) return labelledChat(request, label);
	const side = readSide(columns.get(key), key);
	if (isFault(side)) return side;
	const sides = request === null ? splitSides(side, side) : joinPrompt(request.content, side, side);
	return isFault(sides) ? sides : { sides, label };
}

/** A labelled conversation whose last message is the answer. */
function labelledChat(request: Request | null, label: boolean): LabelledAnswer | UnusableRow {
	const chat = request?.content;
	if (!Array.isArray(chat) || chat.at(-1)?.role !== 'assistant' || chat.length < 2)
		return new UnusableRow('"completion" is missing');
	const answer = chat.slice(-1);
	return { sides: { form: 'chat', prompt: chat.slice(0, -1), chosen: answer, rejected: answer }, label };
}

/** The names of a row's text columns with `word`, each with its twin's name; numbers such as `score_chosen` are no sides. */
function twinsOf(columns: Columns, [chosen, rejected]: readonly [string, string]): [string, string][] {
	const keys = columns.names.map(columnKey).filter((key) => {
		const value = columns.get(key);
		return typeof value === 'string' || typeof value === 'object';
	});
	const hasWord = (key: string): boolean =>
		`_${key}_`.includes(`_${chosen}_`) && !`_${key}_`.includes('_non_');
	return keys
		.filter(hasWord)
		.map((key): [string, string] => [key, `_${key}_`.replace(`_${chosen}_`, `_${rejected}_`).slice(1, -1)])
		.filter(([, twin]) => keys.includes(twin));
}

/** The columns of the two sides, the shortest names first; a fault if only one of “chosen” and “rejected” is there. */
function sideColumns(columns: Columns): readonly [string, string] | UnusableRow | null {
	for (const pole of POLES) {
		if (pole.every((name) => columns.get(name) !== undefined)) return pole;
		const [twins] = twinsOf(columns, pole).toSorted((a, b) => a[0].length - b[0].length);
		if (twins !== undefined) return twins;
	}
	const [half] = POLES.filter((names) =>
		names.some((name) => name.length > 1 && columns.get(name) !== undefined),
	);
	if (half === undefined) return null;
	return new UnusableRow(`"${half.find((name) => columns.get(name) === undefined) ?? half[1]}" is missing`);
}

/** The poles that are words of their own. */
const POLE_WORDS: readonly string[] = POLES.flat().filter((word) => word.length > 1);

/** Names of columns that only files of pairs or labelled answers have. */
export const PAIR_COLUMNS: ReadonlySet<string> = new Set([...POLE_WORDS, 'completion', ...LABEL_COLUMNS]);

/** True if a parsed object is a row of pairs or answers, and no container of rows. */
export function isPairRow(value: object): boolean {
	const words = Object.keys(value).flatMap((name) => [columnKey(name), ...columnKey(name).split('_')]);
	return words.some((word) => PAIR_COLUMNS.has(word) || COMPLETION_COLUMNS.includes(word));
}

/** The columns of a row's answers, or why it has none. */
function answerColumns(columns: Columns): readonly [string, string] | 'completion' | UnusableRow {
	const names = sideColumns(columns);
	if (names !== null && !isFault(names)) return names;
	const isAnswer = columns.first(LABEL_COLUMNS) !== undefined || columns.get('completion') !== undefined;
	if (isAnswer) return 'completion';
	return names ?? new UnusableRow(`"chosen" is missing; the row has ${columns.list}`);
}

/**
 * A parsed row as texts that can be tokenised, or the reason why it is no pair and no labelled answer. Null and absent
 * columns are the same.
 */
export function readPairRow(row: object): PairRow | UnusableRow {
	const columns = new Columns(row);
	const names = answerColumns(columns);
	if (isFault(names)) return names;
	const taken = new Set(names === 'completion' ? COMPLETION_COLUMNS : []);
	const request = readRequest(
		columns,
		REQUEST_COLUMNS.filter((name) => !taken.has(name)),
	);
	if (isFault(request)) return request;
	if (names === 'completion') {
		const answer = readAnswer(columns, request);
		return isFault(answer) ? answer : { kind: 'answer', ...answer };
	}
	const sides = readPair(columns, request, names);
	return isFault(sides) ? sides : { kind: 'pair', sides };
}
