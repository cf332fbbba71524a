/**
 * Sides that name an answer of the row instead of holding it: `winner: "model_a"` beside `response_a`, `chosen: "A"` beside a
 * column `A`, `chosen: 0` beside a list `responses`. A name must never be trained as an answer.
 */
import { columnKey } from '../format/columnKey.ts';
import { parseJson } from '../format/json.ts';
import { type Columns, REQUEST_COLUMNS } from '../prompt/columns.ts';
import { UnusableRow } from '../prompt/fault.ts';

type Names = readonly [chosen: string, rejected: string];
type Values = readonly [chosen: unknown, rejected: unknown];

/** Longest text that can name an answer. */
const LONGEST_NAME = 60;

/** Words of columns that hold answers, and of columns that say who wrote them. */
const ANSWER_WORDS =
	/(?:^|_)(?:response|answer|output|completion|reply|generation|candidate|option|choice|text)s?(?:_|$)/;
const WRITER_WORDS =
	/(?:^|_)(?:model|name|id|author|source|engine|system|annotator|score|rating|rank)s?(?:_|$)/;

/** The stem and the place in a name: `response_a`, `answer2`, `B`; the place is a letter or a number. */
const PLACED = /^(?<stem>.*?)(?:(?:_|^)(?<letter>[a-h])|_?(?<number>\d{1,2}))$/;

interface Placed {
	stem: string;
	place: string;
}

function placedOf(key: string): Placed | null {
	const groups = PLACED.exec(key)?.groups;
	if (groups === undefined) return null;
	return { stem: groups['stem'] ?? '', place: groups['letter'] ?? String(Number(groups['number'])) };
}

/** The text or number of a side as a name; null if it is too long for one, or no scalar. */
function nameOf(value: unknown): string | null {
	if (typeof value === 'number') return String(value);
	return typeof value === 'string' && value.trim() !== '' && value.trim().length <= LONGEST_NAME
		? value.trim()
		: null;
}

/** Columns that hold the same thing for several answers: place → column, by the stem of their names. */
function groupsOf(columns: Columns, sides: Names): Map<string, Map<string, string>> {
	const groups = new Map<string, Map<string, string>>();
	for (const key of columns.names.map(columnKey)) {
		const placed = sides.includes(key) ? null : placedOf(key);
		if (placed === null) continue;
		const group = groups.get(placed.stem) ?? new Map<string, string>();
		groups.set(placed.stem, group.set(placed.place, key));
	}
	return new Map([...groups].filter(([, group]) => group.size > 1));
}

/** The columns of the answers; null if none, or several, can be meant. */
function answerGroup(groups: ReadonlyMap<string, ReadonlyMap<string, string>>) {
	const others = [...groups].filter(([stem]) => !WRITER_WORDS.test(stem));
	const answers = others.filter(([stem]) => ANSWER_WORDS.test(stem));
	const [only, ...more] = answers.length > 0 ? answers : others;
	return only === undefined || more.length > 0 ? null : only[1];
}

/** `a` is the first place, as `1` is, unless numbers count from 0. */
function atPlace(group: ReadonlyMap<string, string>, place: string): string | undefined {
	const twin = /\d/.test(place)
		? String.fromCharCode('a'.charCodeAt(0) + Number(place) - 1)
		: String(place.charCodeAt(0) - 'a'.charCodeAt(0) + 1);
	return group.get(place) ?? (group.has('0') ? undefined : group.get(twin));
}

/** The one word before a place: `model_a`, `Response B`, `2`; longer texts are answers. */
const SHORT_NAME = /^\p{L}*[\s_-]?(?:[a-h]|\d{1,2})$/iu;

/** The key of the column that a name means: a column, a place, or the writer of an answer; undefined if it means none. */
function targetOf(name: string, columns: Columns, sides: Names): string | undefined {
	const key = columnKey(name);
	const groups = groupsOf(columns, sides);
	const answers = answerGroup(groups);
	const isColumn = key !== '' && !sides.includes(key) && columns.get(key) !== undefined;
	if (isColumn && !WRITER_WORDS.test(key)) return key;
	const placed = answers === null ? undefined : placedAnswer(name, columns, groups, answers);
	return placed ?? (isColumn ? key : undefined);
}

/** The answer at the place that a name ends with, or of the writer with this name. */
function placedAnswer(
	name: string,
	columns: Columns,
	groups: ReadonlyMap<string, ReadonlyMap<string, string>>,
	answers: ReadonlyMap<string, string>,
): string | undefined {
	const place = SHORT_NAME.test(name) ? placedOf(columnKey(name))?.place : undefined;
	if (place !== undefined) return atPlace(answers, place);
	const writers = [...groups].filter(([stem]) => WRITER_WORDS.test(stem)).flatMap(([, group]) => [...group]);
	const [writer, ...more] = writers.filter(([, column]) => columns.get(column) === name);
	return writer === undefined || more.length > 0 ? undefined : atPlace(answers, writer[0]);
}

/** A list of answers; null for anything else, also for messages. */
function listOf(value: unknown): readonly unknown[] | null {
	const list = typeof value === 'string' && /^\s*\[/.test(value) ? listInText(value) : value;
	if (!Array.isArray(list) || list.length < 2) return null;
	const isAnswer = (item: unknown): boolean =>
		typeof item === 'string' ||
		Array.isArray(item) ||
		(typeof item === 'object' && item !== null && !('role' in item) && !('from' in item));
	return list.every(isAnswer) ? (list as readonly unknown[]) : null;
}

function listInText(text: string): unknown {
	try {
		return parseJson(text);
	} catch {
		// The text only begins like a list.
		return null;
	}
}

/** The sides as items of the row's list of answers; null if the row has none, or the sides are no indices. */
function itemsOf(
	columns: Columns,
	sides: Names,
	names: readonly [string, string],
): Values | UnusableRow | null {
	if (!names.every((name) => /^\d{1,4}$/.test(name))) return null;
	const lists = columns.names
		.filter((name) => !sides.includes(columnKey(name)))
		.map((name) => ({ name, items: listOf(columns.get(name)) }));
	const [list, ...more] = lists.filter((entry) => entry.items !== null);
	if (list?.items == null) return null;
	const { name, items } = list;
	if (names.every((text) => items.includes(text))) return null;
	if (more.length > 0)
		return new UnusableRow('the sides are numbers, and the row has several lists of answers');
	const [low, high] = [Math.min(...names.map(Number)), Math.max(...names.map(Number))];
	if (high > items.length || (low === 0 && high === items.length))
		return new UnusableRow(
			`“${sides[0]}” and “${sides[1]}” count beyond the ${items.length} items of “${name}”`,
		);
	// Without a 0 and without the list's length as an index, the first item may be 0 or 1.
	if (low > 0 && high < items.length)
		return new UnusableRow(
			`“${sides[0]}” and “${sides[1]}” are numbers of items of “${name}”, counted from 0 or from 1; put the texts there`,
		);
	const first = low === 0 ? 0 : 1;
	return [items[Number(names[0]) - first], items[Number(names[1]) - first]];
}

/**
 * The values of the two sides: the columns' own, or those that they name.
 *
 * @returns an UnusableRow if a side names something that is no answer of the row
 */
export function sideValues(columns: Columns, sides: Names): Values | UnusableRow {
	const own: Values = [columns.get(sides[0]), columns.get(sides[1])];
	const [chosen, rejected] = own.map(nameOf);
	if (chosen == null || rejected == null) return oneNamed(columns, sides, own) ?? own;
	const items = itemsOf(columns, sides, [chosen, rejected]);
	if (items !== null) return items;
	const [a, b] = [chosen, rejected].map((name) => targetOf(name, columns, sides));
	if (a !== undefined && b !== undefined) return namedColumns(columns, a, b);
	return oneNamed(columns, sides, own) ?? (areNames(chosen, rejected) ? unknownNames(chosen) : own);
}

function namedColumns(columns: Columns, a: string, b: string): Values | UnusableRow {
	if (a === b) return new UnusableRow(`both sides name the column “${a}”`);
	const other = [a, b].find(holdsNoAnswer);
	if (other === undefined) return [columns.get(a), columns.get(b)];
	return new UnusableRow(`a side names the column “${other}”, which holds no answer`);
}

const holdsNoAnswer = (key: string): boolean =>
	WRITER_WORDS.test(key) || (REQUEST_COLUMNS.includes(key) && key !== 'text');

/** True for `model_a` and `model_b`: programs write such names, and people do not answer with them. */
const areNames = (...names: readonly string[]): boolean =>
	names.every((name) => /^\p{L}+_(?:[a-h]|\d{1,2})$/iu.test(name));

const unknownNames = (name: string): UnusableRow =>
	new UnusableRow(`“${name}” names an answer that the row does not hold; put the texts there`);

/** The fault of a side that names a column, while the other one does not. */
function oneNamed(columns: Columns, sides: Names, values: Values): UnusableRow | null {
	for (const [i, value] of values.entries()) {
		const name = nameOf(value);
		const key = name === null ? undefined : targetOf(name, columns, sides);
		if (key === undefined || name === null) continue;
		if (columnKey(name) === key || name.includes('_'))
			return new UnusableRow(`“${sides[i] ?? ''}” names the column “${key}”, but the other side names none`);
	}
	return null;
}
