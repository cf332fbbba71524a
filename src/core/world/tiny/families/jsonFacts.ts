/** JSON: `Give JSON: name Ada, age 36.` → `{"name": "Ada", "age": 36}` The flaw: the quotes are missing. */
import { isRecord } from '../../../format/record.ts';
import { at } from '../../../math/at.ts';
import type { Rng } from '../../../math/rng.ts';
import type { Family, Finding, Task } from '../family.ts';
import { phrasing } from '../phrasing.ts';
import { enumerate, excerpt, quote } from '../../../text/wording.ts';
import { clutterFault, dissect } from '../text.ts';
import { CATEGORIES } from '../words/nouns.ts';
import { CITIES, NAMES } from '../words/people.ts';

const PHRASING = phrasing(['Give JSON: {}.', 'As JSON: {}.', 'Write as JSON: {}.']);

type Fact = readonly [key: string, value: string | number];

const membersOf = (plural: string): readonly string[] =>
	CATEGORIES.find((c) => c.plural === plural)?.members ?? [];
const between = (rng: Rng, low: number, high: number): string => String(low + rng.int(high - low + 1));

/** Keys of the prompts, each with a function that draws its value. */
const KEYS: readonly (readonly [key: string, draw: (rng: Rng) => string])[] = [
	['name', (rng) => rng.pick(NAMES)],
	['city', (rng) => rng.pick(CITIES)],
	['color', (rng) => rng.pick(membersOf('colors'))],
	['pet', (rng) => rng.pick(membersOf('animals'))],
	['age', (rng) => between(rng, 2, 99)],
	['size', (rng) => between(rng, 2, 60)],
	['floor', (rng) => between(rng, 1, 30)],
];

export const jsonFacts: Family = {
	id: 'json',
	name: 'JSON',
	describe: 'Facts to write as JSON; flawed answers leave out the quotes.',
	ownCheck: 'quotes',
	practice: 1,
	draw(rng) {
		const facts = rng.shuffle(KEYS).slice(0, 2);
		return PHRASING.write(rng, facts.map(([key, value]) => `${key} ${value(rng)}`).join(', '));
	},
	read(promptText) {
		const slots = PHRASING.read(promptText);
		const facts = slots && readFacts(at(slots, 0));
		return facts && task(facts);
	},
};

/** Reads `key value, key value`: distinct keys of one word; a value of digits is a number. */
function readFacts(text: string): readonly Fact[] | null {
	const facts = text.split(',').map((part): Fact | null => {
		const match = /^([\p{L}_]+) ([\p{L}\p{N}][\p{L}\p{N}' -]*)$/u.exec(part.trim());
		if (!match) return null;
		const value = at(match, 2);
		return [at(match, 1), /^\d{1,9}$/.test(value) ? Number(value) : value];
	});
	const read = facts.filter((fact) => fact !== null);
	const keys = new Set(read.map(([key]) => key));
	return read.length === facts.length && keys.size === read.length ? read : null;
}

function task(facts: readonly Fact[]): Task {
	const write = (put: (part: string) => string): string =>
		`{${facts.map(([key, value]) => `${put(key)}: ${typeof value === 'number' ? value : put(value)}`).join(', ')}}`;
	const answer = write((part) => JSON.stringify(part));
	return {
		family: jsonFacts.id,
		answer,
		check: (text) => [quotes(text, facts), valid(text), allFacts(text, facts), form(text)],
		repair: () => answer,
		ownFlaw: () => write((part) => part),
		otherManner: (text) => text.replaceAll(', ', ',').replaceAll(': ', ':'),
	};
}

/** Passes if every key and every text value is in straight double quotes. */
function quotes(text: string, facts: readonly Fact[]): Finding {
	const wanted = facts.flatMap(([key, value]) => (typeof value === 'number' ? [key] : [key, value]));
	const bare = wanted.filter((part) => !text.includes(`"${part}"`));
	return {
		name: 'quotes',
		weight: 0.4,
		passed: bare.length === 0,
		praise: 'put every name and text in quotes',
		fault: `JSON wants names and texts in double quotes: ${enumerate(bare.map((part) => `"${part}"`))}.`,
	};
}

function parse(text: string): Record<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(text);
		return isRecord(value) ? { ...value } : null;
	} catch {
		// The `valid` check reports text that is not JSON.
		return null;
	}
}

function valid(text: string): Finding {
	const object = parse(dissect(text, '}').body);
	return {
		name: 'valid JSON',
		weight: 0.3,
		passed: object !== null && Object.keys(object).length > 0,
		praise: 'wrote valid JSON',
		fault: `A JSON reader cannot read ${quote(excerpt(text))} as an object.`,
	};
}

/** If the text parses, compares the values exactly; otherwise looks for each key followed by its value. */
function allFacts(text: string, facts: readonly Fact[]): Finding {
	const object = parse(dissect(text, '}').body);
	const plain = text.replace(/["“”]/g, '').replace(/\s+/g, ' ');
	const missing = facts.filter(([key, value]) =>
		object ? object[key] !== value : !plain.includes(`${key}: ${value}`),
	);
	const extra = object !== null && Object.keys(object).length > facts.length;
	return {
		name: 'all facts',
		weight: 0.15,
		passed: missing.length === 0 && !extra,
		praise: `kept all the facts`,
		fault: extra
			? 'The object holds more than the facts given.'
			: `The facts are not all there: ${enumerate(missing.map(([key, value]) => quote(`${key} ${value}`)))}.`,
	};
}

function form(text: string): Finding {
	const trimmed = text.trim();
	const once = trimmed.split('{').length === 2 && trimmed.split('}').length === 2;
	return {
		name: 'form',
		weight: 0.15,
		passed:
			once &&
			trimmed.startsWith('{') &&
			trimmed.endsWith('}') &&
			!/(\S+) +\1(?= |$)/.test(trimmed.slice(0, 400)),
		praise: 'wrote one object and nothing around it',
		fault: clutterFault(text, '}') ?? 'The answer should be one object in braces and nothing else.',
	};
}
