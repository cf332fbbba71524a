/** The place at which a text stops being JSON: the messages of JSON.parse differ by browser and often name no place. */

/** 1-based; the column counts UTF-16 units. */
export interface TextPlace {
	line: number;
	column: number;
}

type Kind = 'scalar' | 'string' | '{' | '}' | '[' | ']' | ':' | ',';
type Open = '{' | '[';
/** The next token that fits: a value, the first item or key of a list or record, and so on. */
type Expected = 'value' | 'first item' | 'first key' | 'key' | 'colon' | 'comma' | 'end';

const SPACE = /[ \t\n\r]*/y;
const TOKENS: readonly (readonly [RegExp, Kind | null])[] = [
	[/[{}[\]:,]/y, null],
	[/"(?:[\u0020!\u0023-\u005b\u005d-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y, 'string'],
	[/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y, 'scalar'],
	[/true|false|null/y, 'scalar'],
];

/** @returns the place of the first fault; null if the text is JSON */
export function jsonFaultPlace(text: string): TextPlace | null {
	const open: Open[] = [];
	let expected: Expected = 'value';
	let at = skipSpace(text, 0);
	while (at < text.length) {
		const token = tokenAt(text, at);
		const next: Expected | null = token === null ? null : RULES[expected](token.kind, open);
		if (token === null || next === null) return placeOf(text, at);
		expected = next;
		at = skipSpace(text, token.end);
	}
	return expected === 'end' ? null : placeOf(text, text.length);
}

function skipSpace(text: string, at: number): number {
	SPACE.lastIndex = at;
	SPACE.test(text);
	return SPACE.lastIndex;
}

function tokenAt(text: string, at: number): { kind: Kind; end: number } | null {
	for (const [pattern, kind] of TOKENS) {
		pattern.lastIndex = at;
		if (pattern.test(text)) return { kind: kind ?? (text.charAt(at) as Kind), end: pattern.lastIndex };
	}
	return null;
}

/** The token expected after `kind`, or null if `kind` does not fit. `open` has the lists and records around it, and is changed. */
type Rule = (kind: Kind, open: Open[]) => Expected | null;

const RULES: Readonly<Record<Expected, Rule>> = {
	value: afterValue,
	'first item': (kind, open) => (kind === ']' ? closed(open) : afterValue(kind, open)),
	'first key': (kind, open) => (kind === '}' ? closed(open) : afterKey(kind)),
	key: afterKey,
	colon: (kind) => (kind === ':' ? 'value' : null),
	comma: afterItem,
	end: () => null,
};

function afterKey(kind: Kind): Expected | null {
	return kind === 'string' ? 'colon' : null;
}

function afterItem(kind: Kind, open: Open[]): Expected | null {
	const inList = open.at(-1) === '[';
	if (kind === ',') return inList ? 'value' : 'key';
	return kind === (inList ? ']' : '}') ? closed(open) : null;
}

function afterValue(kind: Kind, open: Open[]): Expected | null {
	if (kind === 'string' || kind === 'scalar') return open.length === 0 ? 'end' : 'comma';
	if (kind !== '{' && kind !== '[') return null;
	open.push(kind);
	return kind === '{' ? 'first key' : 'first item';
}

function closed(open: Open[]): Expected {
	open.pop();
	return open.length === 0 ? 'end' : 'comma';
}

function placeOf(text: string, at: number): TextPlace {
	const lines = text.slice(0, at).split(/\r\n|\r|\n/);
	return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
