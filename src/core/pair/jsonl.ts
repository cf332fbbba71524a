/**
 * Reads and writes preference pairs as TRL's JSONL: reads rows of any TRL shape (trl.ts), writes the
 * conversational shape.
 */
import type { PairText } from '../batch/tokenize.ts';
import { asAppError, FormatError } from '../errors.ts';
import { type JsonLine, readJsonLines, writeJsonLines } from '../format/jsonl.ts';
import { decodeUtf8 } from '../format/text.ts';
import { hash32 } from '../math/hash.ts';
import type { Message } from '../output/output.ts';
import type { SkippedRow } from '../prompt/prompt.ts';
import { imported } from './methods/imported.ts';
import { contentKey, pairIds, type PairSet, type PreferencePair } from './pair.ts';
import { readTrlRow, readUnpairedRow } from './trl.ts';

/** Largest list of pairs that a browser tab can handle. */
export const PAIR_LIMITS = { bytes: 64 * 1024 * 1024, pairs: 50_000 } as const;

const user = (content: string): Message[] => [{ role: 'user', content }];
const assistant = (content: string): Message[] => [{ role: 'assistant', content }];

/** One `{"prompt", "chosen", "rejected"}` of message lists per line, the data of TRL's DPOTrainer. */
export function writePairsJsonl(pairs: readonly PreferencePair[]): string {
	return writeJsonLines(
		pairs.map(({ prompt, chosen, rejected }) => ({
			prompt: user(prompt.text),
			chosen: assistant(chosen),
			rejected: assistant(rejected),
		})),
	);
}

/** Two `{"prompt", "completion", "label"}` per pair, the data of TRL's KTOTrainer. */
export function writeUnpairedJsonl(pairs: readonly PreferencePair[]): string {
	return writeJsonLines(
		pairs.flatMap(({ prompt, chosen, rejected }) => [
			{ prompt: user(prompt.text), completion: assistant(chosen), label: true },
			{ prompt: user(prompt.text), completion: assistant(rejected), label: false },
		]),
	);
}

interface Texts {
	prompt: string;
	chosen: string;
	rejected: string;
}

/** A line as a pair, one labelled answer, or the reason why it is neither. */
type Row = { line: number; text: string } & (
	| { kind: 'pair'; texts: Texts }
	| { kind: 'answer'; prompt: string; answer: string; wanted: boolean }
	| { kind: 'skipped'; reason: string }
);
type AnswerRow = Extract<Row, { kind: 'answer' }>;

/** The three texts of a row with one question and one answer; otherwise the reason, a string. */
function singleTurn(row: PairText): Texts | string {
	if (row.form === 'text') return row;
	const [question, ...more] = row.prompt;
	if (question?.role !== 'user' || more.length > 0) {
		return 'the conversation has more than one question, or a system message; only single questions can be trained here';
	}
	const [chosen, rejected] = [row.chosen, row.rejected].map((side) =>
		side.length === 1 ? side[0] : undefined,
	);
	if (chosen?.role !== 'assistant' || rejected?.role !== 'assistant') {
		return 'a side is not one answer of the assistant';
	}
	return { prompt: question.content, chosen: chosen.content, rejected: rejected.content };
}

function readObject(place: { line: number; text: string }, row: Readonly<Record<string, unknown>>): Row {
	const unpaired = row['completion'] === undefined ? null : readUnpairedRow(row);
	const texts = singleTurn(unpaired === null ? readTrlRow(row) : unpaired.sides);
	if (typeof texts === 'string') return { ...place, kind: 'skipped', reason: texts };
	if (texts.prompt.trim() === '') return { ...place, kind: 'skipped', reason: 'the prompt is empty' };
	if (unpaired !== null) {
		const { prompt, chosen: answer } = texts;
		return { ...place, kind: 'answer', prompt, answer, wanted: unpaired.label };
	}
	if (texts.chosen === texts.rejected)
		return { ...place, kind: 'skipped', reason: 'chosen and rejected are the same' };
	return { ...place, kind: 'pair', texts };
}

function readRow(line: JsonLine): Row {
	const place = { line: line.line, text: line.text };
	if (!line.ok) return { ...place, kind: 'skipped', reason: line.reason };
	if (typeof line.value !== 'object' || line.value === null || Array.isArray(line.value))
		return { ...place, kind: 'skipped', reason: 'not a JSON object' };
	try {
		return readObject(place, line.value as Record<string, unknown>);
	} catch (thrown) {
		// A row in another form is skipped with its reason; any other error is a bug and propagates.
		const error = asAppError(thrown);
		if (error instanceof FormatError) return { ...place, kind: 'skipped', reason: error.message };
		throw error;
	}
}

/**
 * Labelled answers become pairs: the first wanted answer of a prompt with its first unwanted one, the second
 * with the second. Each answer is used once, so that no answer weighs more than in the file; answers without
 * a partner are listed.
 */
function pairUp(answers: readonly AnswerRow[]): Row[] {
	const waiting = new Map<string, AnswerRow[]>();
	const rows: Row[] = [];
	for (const row of answers) {
		const queue = waiting.get(row.prompt) ?? [];
		waiting.set(row.prompt, queue);
		const at = queue.findIndex((other) => other.wanted !== row.wanted && other.answer !== row.answer);
		const [partner] = at < 0 ? [] : queue.splice(at, 1);
		if (partner === undefined) {
			queue.push(row);
			continue;
		}
		const [chosen, rejected] = row.wanted ? [row, partner] : [partner, row];
		const texts = { prompt: row.prompt, chosen: chosen.answer, rejected: rejected.answer };
		rows.push({ line: partner.line, text: partner.text, kind: 'pair', texts });
	}
	for (const { line, text, wanted } of [...waiting.values()].flat()) {
		const [has, lacks] = wanted ? ['wanted', 'unwanted'] : ['unwanted', 'wanted'];
		const reason = `no ${lacks} answer to the same prompt is left for this ${has} answer`;
		rows.push({ line, text, kind: 'skipped', reason });
	}
	return rows;
}

function pairOf(texts: Texts, nextId: (promptId: string) => string): PreferencePair {
	const promptId = `u-${hash32(texts.prompt).toString(16).padStart(8, '0')}`;
	return {
		id: nextId(promptId),
		prompt: { id: promptId, text: texts.prompt, family: null },
		chosen: texts.chosen,
		rejected: texts.rejected,
		method: imported.id,
		from: null,
		edited: false,
	};
}

/** Sorts rows into distinct pairs and skipped ones, in the file's order. */
function sortRows(rows: readonly Row[]): { pairs: PreferencePair[]; skipped: SkippedRow[] } {
	const pairs: PreferencePair[] = [];
	const skipped: SkippedRow[] = [];
	const seen = new Set<string>();
	const nextId = pairIds();
	for (const row of rows.toSorted((a, b) => a.line - b.line)) {
		const { line, text } = row;
		if (row.kind === 'skipped') skipped.push({ line, text, reason: row.reason });
		if (row.kind !== 'pair') continue;
		const { prompt, chosen, rejected } = row.texts;
		const key = contentKey({ prompt: { text: prompt }, chosen, rejected });
		if (seen.has(key)) skipped.push({ line, text, reason: 'the same as an earlier pair' });
		else pairs.push(pairOf(row.texts, nextId));
		seen.add(key);
	}
	return { pairs, skipped };
}

export interface PairImport {
	pairs: readonly PreferencePair[];
	skipped: readonly SkippedRow[];
}

/**
 * Reads pairs from JSONL. Rows that cannot be used are listed with line and reason.
 *
 * @param source the file's name, for the message
 * @throws FormatError if no row is usable, or there are too many
 */
export function readPairsJsonl(text: string, source: string): PairImport {
	const rows = readJsonLines(text).map(readRow);
	const answers = rows.filter((row) => row.kind === 'answer');
	const { pairs, skipped } = sortRows([...rows.filter((row) => row.kind !== 'answer'), ...pairUp(answers)]);
	if (pairs.length > PAIR_LIMITS.pairs) throw tooLarge(source, `has ${pairs.length} pairs`);
	if (pairs.length > 0) return { pairs, skipped };
	const first = skipped[0];
	const why = first === undefined ? 'it is empty' : `line ${first.line}: ${first.reason}`;
	throw new FormatError(`${source} holds no usable pair: ${why}.`, {
		code: 'pairs-none',
		hint: 'Each line is {"prompt", "chosen", "rejected"} with texts or lists of {"role", "content"}.',
		context: { source, skipped: skipped.length },
	});
}

/** @throws FormatError if the file is too large to read */
export function expectUsablePairsSize(name: string, bytes: number): void {
	if (bytes > PAIR_LIMITS.bytes) throw tooLarge(name, `is ${Math.round(bytes / 2 ** 20)} MB large`);
}

/**
 * Reads pairs from a file.
 *
 * @throws FormatError if the file is too large, is not UTF-8, or has no usable pair
 */
export function importPairs(
	name: string,
	bytes: Uint8Array,
): { set: PairSet; skipped: readonly SkippedRow[] } {
	expectUsablePairsSize(name, bytes.length);
	const { pairs, skipped } = readPairsJsonl(decodeUtf8(bytes, name), name);
	return { set: { source: name, pairs }, skipped };
}

function tooLarge(source: string, what: string): FormatError {
	const { bytes, pairs } = PAIR_LIMITS;
	return new FormatError(
		`${source} ${what}; at most ${pairs} pairs and ${bytes / 2 ** 20} MB can be used here.`,
		{
			code: 'pairs-too-large',
			hint: 'Take a part of the file: a few hundred pairs are enough to see a model learn.',
			context: { source },
		},
	);
}
