/**
 * Imports the user's preference pairs: rows of any shape of trl.ts, in JSON of any container, CSV or Parquet. Unusable rows
 * are listed with line and reason.
 */
import type { PairText } from '../batch/tokenize.ts';
import { FormatError } from '../errors.ts';
import { columnKey } from '../format/columnKey.ts';
import { readJsonRows } from '../format/jsonRows.ts';
import { skipSpaces } from '../format/jsonScan.ts';
import { shown, type FileRow } from '../format/rows.ts';
import { notationRows } from '../format/notation.ts';
import { openRowFile, type FileContent, type ParquetReader } from '../format/rowFile.ts';
import { fitCells, isMissing, readTable } from '../format/table.ts';
import { hash64 } from '../math/hash.ts';
import { isFault, tryRow } from '../prompt/fault.ts';
import type { SkippedRow } from '../prompt/prompt.ts';
import { heldOutTwins, twinReason } from '../prompt/overlap.ts';
import { reasonsOf } from '../prompt/skipped.ts';
import { isHeldOut } from '../prompt/split.ts';
import { imported } from './methods/imported.ts';
import { pairFault, type PairTexts } from './pairFault.ts';
import { contentKey, pairIds } from './pair.ts';
import { expectUsablePairsSize, PAIR_LIMITS, pairsTooLarge } from './pairLimits.ts';
import { pairUp } from './pairUp.ts';
import type { SetPair } from './set/keptSet.ts';
import { FileSets, type PairFacts, readPairFacts, readSetFacts, type SetFacts } from './set/setColumns.ts';
import { isPairRow, PAIR_COLUMNS, readPairRow } from './trl.ts';

/** A row as a pair, one labelled answer, or the reason why it is neither. */
type Row = { line: number; text: string; set: SetFacts | null } & (
	| { kind: 'pair'; texts: PairTexts; facts: PairFacts }
	| { kind: 'answer'; prompt: string; answer: string; wanted: boolean }
	| { kind: 'skipped'; reason: string }
);
type AnswerRow = Extract<Row, { kind: 'answer' }>;

/** The three texts of a row with one question and one answer; otherwise the reason, a string. */
function singleTurn(row: PairText): PairTexts | string {
	if (row.form === 'text') return row;
	if (row.prompt.some(({ role, content }) => role === 'system' && content.trim() !== ''))
		return 'the conversation has a system message; only single questions can be trained here';
	const [question, ...more] = row.prompt.filter(({ role }) => role !== 'system');
	if (question?.role !== 'user') return 'no prompt: the conversation does not begin with a user';
	if (more.length > 0)
		return 'the conversation has more than one question; only single questions can be trained here';
	const [chosen, rejected] = [row.chosen, row.rejected].map((side) =>
		side.length === 1 ? side[0] : undefined,
	);
	if (chosen?.role !== 'assistant' || rejected?.role !== 'assistant') {
		return 'a side is not one answer of the assistant';
	}
	return { prompt: question.content, chosen: chosen.content, rejected: rejected.content };
}

function readRow(row: FileRow): Row {
	const place = { line: row.line, text: row.text, set: null };
	if (!row.ok) return { ...place, kind: 'skipped', reason: row.reason };
	const { value } = row;
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		return { ...place, kind: 'skipped', reason: 'not a JSON object' };
	return readObject({ ...place, set: readSetFacts(value) }, value);
}

function readObject(place: Pick<Row, 'line' | 'text' | 'set'>, value: object): Row {
	const skipped = (reason: string): Row => ({ ...place, kind: 'skipped', reason });
	const read = tryRow(() => readPairRow(value));
	if (isFault(read)) return skipped(read.reason);
	const texts = singleTurn(read.sides);
	if (typeof texts === 'string') return skipped(texts);
	const fault = pairFault(texts, read.kind);
	if (fault !== null) return skipped(fault);
	const { prompt, chosen, rejected } = texts;
	if (read.kind === 'pair')
		return { ...place, kind: 'pair', texts: { prompt, chosen, rejected }, facts: readPairFacts(value) };
	return { ...place, kind: 'answer', prompt, answer: chosen, wanted: read.label };
}

/** Labelled answers as pairs, in the place of the pair's first answer; those without a partner are listed. */
function pairedRows(answers: readonly AnswerRow[]): Row[] {
	const { pairs, alone } = pairUp(answers);
	const rows = pairs.map(({ chosen, rejected, first }): Row => {
		const texts = { prompt: first.prompt, chosen: chosen.answer, rejected: rejected.answer };
		return { line: first.line, text: first.text, set: null, kind: 'pair', texts, facts: {} };
	});
	const left = alone.map(({ line, text, wanted }): Row => {
		const [has, lacks] = wanted ? ['wanted', 'unwanted'] : ['unwanted', 'wanted'];
		const reason = `no ${lacks} answer to the same prompt is left for this ${has} answer`;
		return { line, text, set: null, kind: 'skipped', reason };
	});
	return [...rows, ...left];
}

function pairOf(
	texts: PairTexts,
	{ family, method = imported.id, edited = false, from = null, ...facts }: PairFacts,
	nextId: (promptId: string) => string,
): SetPair {
	const promptId = `u-${hash64(texts.prompt)}`;
	return {
		id: nextId(promptId),
		prompt: { id: promptId, text: texts.prompt, family: family ?? null },
		chosen: texts.chosen,
		rejected: texts.rejected,
		...{ method, from, edited },
		...facts,
	};
}

/** Imported pairs, in the file's order. */
export interface PairSet {
	/** The name of the file or field. */
	source: string;
	pairs: readonly SetPair[];
	/** Name and origins of the set that the file holds; absent in other files. */
	facts?: SetFacts;
}

export interface PairImport {
	set: PairSet;
	/** The file's line of each pair. */
	lines: readonly number[];
	/** True for each pair whose prompt is held out. */
	heldOut: readonly boolean[];
	skipped: readonly SkippedRow[];
}

/** Without the pairs whose prompt is also held out. A set's file keeps them, as held-out pairs, so that the set stays whole. */
function withoutTwins(read: PairImport, textOfLine: ReadonlyMap<number, string>): PairImport {
	const { set, lines, heldOut, skipped } = read;
	const twins = heldOutTwins(
		set.pairs.map(({ prompt }, i) => ({ prompt: prompt.text, heldOut: heldOut[i] === true })),
	);
	if (twins.size === 0) return read;
	if (set.facts !== undefined) return { ...read, heldOut: heldOut.map((held, i) => held || twins.has(i)) };
	const stays = (_: unknown, i: number): boolean => !twins.has(i);
	const left = [...twins].map(([i, twin]): SkippedRow => {
		const line = lines[i] ?? 0;
		return { line, text: textOfLine.get(line) ?? '', reason: twinReason(lines[twin] ?? 0) };
	});
	return {
		set: { ...set, pairs: set.pairs.filter(stays) },
		lines: lines.filter(stays),
		heldOut: heldOut.filter(stays),
		skipped: [...skipped, ...left].toSorted((a, b) => a.line - b.line),
	};
}

/** Sorts rows into distinct pairs and skipped ones, in the file's order. */
function sortRows(rows: readonly Row[], source: string): PairImport {
	const pairs: SetPair[] = [];
	const sets = new FileSets();
	const lines: number[] = [];
	const heldOut: boolean[] = [];
	const skipped: SkippedRow[] = [];
	const seen = new Set<string>();
	const promptOfId = new Map<string, string>();
	const nextId = pairIds();
	for (const row of rows.toSorted((a, b) => a.line - b.line)) {
		const { line, text } = row;
		sets.add(row.set);
		if (row.kind === 'skipped') skipped.push({ line, text, reason: row.reason });
		if (row.kind !== 'pair') continue;
		const { prompt, chosen, rejected } = row.texts;
		const key = contentKey({ prompt: { text: prompt }, chosen, rejected });
		if (seen.has(key)) {
			skipped.push({ line, text, reason: 'the same as an earlier pair' });
			continue;
		}
		const pair = pairOf(row.texts, sets.placed(row.facts), nextId);
		if ((promptOfId.get(pair.prompt.id) ?? prompt) !== prompt) {
			skipped.push({ line, text, reason: 'its prompt has the id of another prompt; change a letter of it' });
			continue;
		}
		promptOfId.set(pair.prompt.id, prompt);
		seen.add(key);
		pairs.push(pair);
		lines.push(line);
		heldOut.push(isHeldOut(prompt));
	}
	const { facts } = sets;
	return { set: { source, pairs, ...(facts === null ? {} : { facts }) }, lines, heldOut, skipped };
}

function importRows(source: string, files: readonly FileRow[]): PairImport {
	const rows = files.map(readRow);
	const answers = rows.filter((row) => row.kind === 'answer');
	const usable = [...rows.filter((row) => row.kind !== 'answer'), ...pairedRows(answers)];
	const textOfLine = new Map(usable.map(({ line, text }) => [line, text]));
	const read = withoutTwins(sortRows(usable, source), textOfLine);
	const { skipped } = read;
	const { pairs } = read.set;
	if (pairs.length > PAIR_LIMITS.pairs) throw pairsTooLarge(source, `has ${pairs.length} pairs`);
	if (pairs.length > 0) return read;
	throw new FormatError(`${source} holds no usable pair: ${reasonsOf(skipped)}.`, {
		code: 'pairs-none',
		hint: 'Each row is {"prompt", "chosen", "rejected"} with texts or lists of {"role", "content"}.',
		context: { source, skipped: skipped.length },
	});
}

/** A record as an object. Of columns with one name the first counts, as in columns.ts. */
function rowOf(header: readonly string[], cells: readonly string[]): object {
	const row = new Map<string, string>();
	for (const [i, cell] of cells.entries()) {
		const name = header[i];
		if (name !== undefined && !row.has(name) && !isMissing(cell)) row.set(name, cell);
	}
	// Unlike an assignment, `fromEntries` keeps a column that is named `__proto__`.
	return Object.fromEntries(row);
}

/** A table's records as objects. */
function tableRows(text: string): FileRow[] {
	const { header, preamble, records, delimiter } = readTable(text, PAIR_COLUMNS);
	const before = preamble.map(({ line, raw }): FileRow => ({
		line,
		text: shown(raw),
		ok: false,
		reason: 'before the names of the columns',
	}));
	const rows = records.map((record): FileRow => {
		const place = { line: record.line, text: shown(record.raw) };
		if (header === null)
			return { ...place, ok: false, reason: 'the table names no columns “chosen” and “rejected”' };
		// With several columns of texts, any of them may hold the delimiter without quotes.
		const fitted = fitCells(record, header.length, delimiter, -1);
		if ('fault' in fitted) return { ...place, ok: false, reason: fitted.fault };
		return { ...place, ok: true, value: rowOf(header, fitted.cells) };
	});
	return [...before, ...rows];
}

/** True for a table: its first row names the sides, or the file is named as one. */
function isTable(name: string, text: string): boolean {
	if (/^[[{]/.test(text.charAt(skipSpaces(text)))) return false;
	if (/\.(?:csv|tsv|tab)$/i.test(name)) return true;
	const header = readTable(text.slice(0, 4096), PAIR_COLUMNS).header ?? [];
	return header.some((column) => PAIR_COLUMNS.has(columnKey(column)));
}

/**
 * Reads pairs from text.
 *
 * @param source the file's name, for the message
 * @throws FormatError if no row is usable, or there are too many
 */
export function readPairs(source: string, text: string): PairImport {
	return importRows(source, rowsOf(source, text));
}

function rowsOf(name: string, text: string): FileRow[] {
	const body = text.replace(/^\uFEFF/, '');
	const listed = notationRows(name, body, isPairRow);
	if (listed !== null) return listed;
	return isTable(name, body) ? tableRows(body) : readJsonRows(body, isPairRow);
}

function readContent(source: string, content: FileContent): PairImport {
	return importRows(source, 'rows' in content ? content.rows : rowsOf(content.name, content.text));
}

/**
 * Reads pairs from a file.
 *
 * @throws FormatError if the file is too large, is no text, or has no usable pair
 */
export async function importPairs(
	name: string,
	bytes: Uint8Array<ArrayBuffer>,
	readParquet: ParquetReader,
): Promise<PairImport> {
	expectUsablePairsSize(name, bytes.length);
	const content = await openRowFile(name, bytes, {
		limit: PAIR_LIMITS.bytes,
		tooLarge: pairsTooLarge,
		readParquet,
	});
	return readContent(name, content);
}
