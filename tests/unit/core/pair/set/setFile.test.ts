import { describe, expect, test } from 'vitest';
import { readPairs } from '#core/pair/importPairs.ts';
import { writePairsJsonl } from '#core/pair/jsonl.ts';
import { dataRecipe, type SetPair } from '#core/pair/set/keptSet.ts';
import { writeSetJsonl } from '#core/pair/set/setFile.ts';
import { isHeldOut } from '#core/prompt/split.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { keptSet, setPair } from '#tests/support/setPairs.ts';

const from = {
	chosen: { kind: 'revision', id: 'a.o1.r1' },
	rejected: { kind: 'output', id: 'a.o1' },
} as const;
const pairs: readonly SetPair[] = [
	setPair('a', 'went', 'goed', { from, by: { chosen: 'reviser', rejected: 'm' } }),
	setPair('b', 'sorted list', 'list sorted', {
		prompt: { id: 'b', text: 'prompt b', family: 'sorting' },
		open: { chosen: false, rejected: true },
		edited: true,
		before: { chosen: 'x', rejected: 'y' },
		method: 'imported',
	}),
];
const set = keptSet('Monday’s pairs', pairs, {
	origins: [{ kind: 'run', name: 'Monday', run: 'r1', recipe: dataRecipe(DEFAULT_RECIPE) }],
});
/** Ids are those of the file's prompts. */
const withoutIds = (list: readonly SetPair[]) =>
	list.map((pair) => ({ ...pair, id: '', prompt: { ...pair.prompt, id: '' } }));

describe('a set’s file', () => {
	const text = writeSetJsonl(set);

	test('reads back with name, origin and provenance', () => {
		const { set: read, skipped } = readPairs('x.jsonl', text);
		expect(skipped).toEqual([]);
		expect(read.facts).toEqual({ name: set.name, origins: set.origins });
		expect(withoutIds(read.pairs)).toEqual(withoutIds(pairs));
	});

	test('has the same columns in every row, so that other tools load it', () => {
		const rows = text
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as Record<string, unknown>);
		expect(new Set(rows.map((row) => Object.keys(row).join())).size).toBe(1);
		expect(rows[1]).toMatchObject({
			prompt: [{ role: 'user', content: 'prompt b' }],
			chosen: [{ role: 'assistant', content: 'sorted list' }],
			measures: { token_jaccard: 1, levenshtein: 10, length_ratio: 1, score_difference: null },
			set: null,
		});
	});

	test('of several sets keeps each pair’s origin and the first name', () => {
		const other = keptSet('Other', [setPair('c', 'yes', 'no')]);
		const { facts, pairs: read } = readPairs('x.jsonl', text + writeSetJsonl(other)).set;
		expect(facts).toEqual({ name: set.name, origins: [...set.origins, ...other.origins] });
		expect(read.map(({ origin }) => origin)).toEqual([0, 0, 1]);
	});

	test('without its first row keeps the pairs, and no origin of another set', () => {
		const { facts, pairs: read } = readPairs('x.jsonl', text.slice(text.indexOf('\n') + 1)).set;
		expect(facts).toBeUndefined();
		expect(read).toHaveLength(1);
		expect(read[0]).not.toHaveProperty('origin');
	});

	test('keeps the name also if its first pair is not usable', () => {
		const [first = ''] = text.split('\n');
		const { set: read, skipped } = readPairs(
			'x.jsonl',
			`${first.replace('goed', 'went')}\n${text.slice(first.length + 1)}`,
		);
		expect(skipped).toHaveLength(1);
		expect(read.facts?.name).toBe(set.name);
	});

	test('keeps a pair whose question is held out, as a held-out pair', () => {
		const texts = Array.from({ length: 40 }, (_, i) => `prompt ${i}`);
		const held = texts.find(isHeldOut) ?? '';
		const twin = { id: 't', text: `${held}?`, family: null };
		const both = [
			setPair('h', 'x', 'y', { prompt: { ...twin, text: held } }),
			setPair('t', 'x', 'y', { prompt: twin }),
		];
		const read = readPairs('x.jsonl', writeSetJsonl({ ...set, pairs: both }));
		expect(read.heldOut).toEqual([true, true]);
		expect(read.skipped).toEqual([]);
	});

	test('with unusable columns is a file of pairs', () => {
		const row = {
			prompt: 'p',
			chosen: 'a',
			rejected: 'b',
			open: 'yes',
			provenance: { by: 3, origin: -1, family: 7 },
			set: { name: 9 },
		};
		const { set: read } = readPairs('x.jsonl', JSON.stringify(row));
		expect(read.facts).toBeUndefined();
		expect(read.pairs).toMatchObject([
			{ method: 'imported', edited: false, from: null, prompt: { family: null } },
		]);
	});
});

describe('a file for TRL', () => {
	test('marks open ends in a column of their own, and reads them back', () => {
		const text = writePairsJsonl(pairs);
		expect(text.split('\n').map((line) => line.includes('"open"'))).toEqual([true, true, false]);
		expect(readPairs('x.jsonl', text).set.pairs.map(({ open }) => open)).toEqual([
			undefined,
			{ chosen: false, rejected: true },
		]);
	});

	test('has no such column if no answer was cut', () => {
		expect(Object.keys(JSON.parse(writePairsJsonl(pairs.slice(0, 1))) as object)).toEqual([
			'prompt',
			'chosen',
			'rejected',
		]);
	});
});
