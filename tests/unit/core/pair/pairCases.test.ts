/** Files of pairs as users have them, with the right value of each. */
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { growth, MOST_GROWTH } from '#tests/support/growth.ts';
import { importPairs, readPairs } from '#core/pair/importPairs.ts';
import { expectUsablePairsSize } from '#core/pair/pairLimits.ts';
import { pairSchema } from '#core/pair/pair.ts';
import { readParquet } from '#runtime/rows/parquet.ts';
import { compress } from '#core/format/compress.ts';
import { casePairs, pairTexts } from '#tests/support/cases.ts';

const TREES = [
	['Name a tree.', 'Oak.', 'Granite.'],
	['Name a river.', 'The Elbe.', 'The Alps.'],
	['Name a colour.', 'Red.', 'Seven.'],
];
const COLLATED = { p: ['p', 'a', 'b'] };

/** Pairs of a file, the lines that they are from, and the lines and reasons of rows left out. */
const READ: readonly [file: string, pairs: string[][], lines: number[], skipped: [number, RegExp][]][] = [
	[
		'A1-hh-turns.jsonl',
		[
			[
				'Which metal is liquid in a warm room?',
				'It is mercury, which melts far below zero.',
				'It is iron, which is a metal.',
			],
		],
		[1],
		[[2, /more than one question/]],
	],
	[
		'A2-orca-question.jsonl',
		[
			['Be brief.\n\nHow many legs has a spider?', 'A spider has eight legs.', 'A spider has six legs.'],
			['Name a planet with rings.', 'Saturn.', 'The Moon.'],
		],
		[1, 2],
		[],
	],
	['A3-array-pretty.json', TREES, [2, 7, 12], []],
	['A3b-array-one-a-line.json', TREES, [2, 3, 4], []],
	['A3c-array-one-line.json', TREES.slice(0, 1), [1], []],
	['A3d-viewer-rows.json', TREES.slice(0, 1), [1], []],
	[
		'A4-null-columns.jsonl',
		[
			['Name a bird.', 'A wren.', 'A trout.'],
			['Name a fish.', 'A trout.', 'A wren.'],
		],
		[1, 2],
		[],
	],
	['A5-content-parts.jsonl', [['Name a fruit.', 'A plum.', 'A stone.']], [1], []],
	[
		'A6-nan.jsonl',
		[
			['Name a gas.', 'Neon.', 'Salt.'],
			['Name a salt.', 'Table salt.', 'Neon.'],
		],
		[1, 2],
		[],
	],
	['A7-pairs.jsonl.gz', [COLLATED.p], [1], []],
	[
		'A8-label-numbers.jsonl',
		[
			['Name a drink.', 'Tea.', 'Sand.'],
			['Name a tool.', 'A saw.', 'A cloud.'],
		],
		[1, 3],
		[],
	],
	['A9-sharegpt.jsonl', [['Name a metal.', 'Zinc.', 'Wool.']], [1], []],
	[
		'A12-ultrafeedback.jsonl',
		[['Name a shape.', 'A circle.', 'A smell.']],
		[1],
		[
			[2, /^chosen and rejected are the same$/],
			[3, /system message/],
		],
	],
	['A13-prompt-list-whole-sides.jsonl', [['Name a spice.', 'Cumin.', 'Gravel.']], [1], []],
	['A14-clair.jsonl', [['Spell “necesary” rightly.', 'necessary', 'neccesary']], [1], []],
	['A15-utf16le-nobom.jsonl', [COLLATED.p], [1], []],
	[
		'A17-cr-only.jsonl',
		[
			['p1', 'a', 'b'],
			['p2', 'a', 'b'],
		],
		[1, 2],
		[],
	],
	['A19-stringified.jsonl', [['Name a wood.', 'Pine.', 'Tin.']], [1], []],
	['pairs-none.parquet', TREES, [1, 2, 3], []],
	['pairs-snappy.parquet', TREES, [1, 2, 3], []],
	['pairs-zstd.parquet', TREES, [1, 2, 3], []],
	['pairs-gzip.parquet', TREES, [1, 2, 3], []],
];

describe('read', () => {
	test.each(READ)('%s', async (file, pairs, lines, skipped) => {
		const got = await casePairs(file);
		expect(pairTexts(got)).toEqual(pairs);
		expect(got.lines).toEqual(lines);
		expect(got.skipped.map(({ line }) => line)).toEqual(skipped.map(([line]) => line));
		for (const [i, [, reason]] of skipped.entries()) expect(got.skipped[i]?.reason).toMatch(reason);
	});
});

/** Files without a usable pair, with what the message says. */
const REFUSED: readonly [file: string, message: RegExp][] = [
	['A5b-roles.jsonl', /line 1: .*system message.*line 2: “chosen”: a message calls a tool/],
	['A7b-train.parquet', /is a Parquet file that cannot be read/],
	['A10-implicit-prefix.jsonl', /line 1: no prompt.*and 1 more row/],
	['A11-only-spaces.jsonl', /line 1: chosen and rejected differ in spaces only/],
	['A16-nul.jsonl', /line 1: “chosen” has the character NUL \(U\+0000\) at position 5/],
	[
		'A18-lone-surrogate.jsonl',
		/line 1: “prompt” has half of a character \(a lone surrogate\) at position 14/,
	],
	['B5-prompts.xlsx', /is an Excel workbook, not text/],
	['B15-login.csv', /is a web page \(“Sign in”\), not a list of rows/],
];

describe('refused, with the reason', () => {
	test.each(REFUSED)('%s', async (file, message) => {
		await expect(casePairs(file)).rejects.toThrow(message);
		await expect(casePairs(file)).rejects.toMatchObject({
			kind: 'format',
			hint: expect.stringMatching(/\S/) as string,
		});
	});
});

const row = (prompt: string, chosen: string, rejected = 'b') => JSON.stringify({ prompt, chosen, rejected });

describe('one bad row does not stop the others', () => {
	test('in a list that lost a bracket', () => {
		const text = `[\n${row('p', 'a')},\n{"prompt": "q",\n ${row('r', 'a')},\n${row('s', 'a')}\n`;
		const got = readPairs('x.json', text);
		expect(got.set.pairs.map(({ prompt }) => prompt.text)).toEqual(['p', 'r', 's']);
		expect(got.skipped).toMatchObject([{ line: 3, reason: expect.stringMatching(/^not JSON/) as string }]);
	});

	test('in a table', () => {
		const text = 'prompt,chosen,rejected\n"Name, a tree",Oak.,"Gra\nnite"\nX,a,b,c,d\n"bad,a,b\nY,c,d\n';
		const got = readPairs('x.csv', text);
		expect(pairTexts(got)).toEqual([
			['Name, a tree', 'Oak.', 'Gra\nnite'],
			['Y', 'c', 'd'],
		]);
		expect(got.skipped).toMatchObject([
			{ line: 4, reason: '5 cells under 3 columns; put texts that hold “,” in quotes' },
			{ line: 5, reason: 'a quote is opened and not closed' },
		]);
	});

	test('with content that is nested too deeply', () => {
		const deep = `${'{"parts":['.repeat(20_000)}"a"${']}'.repeat(20_000)}`;
		const bad = (field: string): string => row('q', 'a').replace(/}$/, `,"${field}":${deep}}`);
		const got = readPairs('x.jsonl', [row('p', 'a'), bad('chosen'), row('r', 'a')].join('\n'));
		expect(got.set.pairs.map(({ prompt }) => prompt.text)).toEqual(['p', 'r']);
		expect(got.skipped).toMatchObject([
			{ line: 2, reason: '“chosen”: a message has parts that are nested too deeply' },
		]);
		const label = `{"prompt":"p","completion":"a","label":${deep}}`;
		const { skipped } = readPairs('x.jsonl', [label, row('p', 'a')].join('\n'));
		expect(skipped).toMatchObject([{ line: 1, reason: 'its values are nested too deeply' }]);
	});

	test('cut cells of the dataset viewer', () => {
		const viewer = { row: JSON.parse(row('p', 'a')) as unknown, truncated_cells: ['chosen'] };
		const whole = { row: JSON.parse(row('q', 'a')) as unknown, truncated_cells: [] };
		const got = readPairs('x', JSON.stringify({ features: [{ name: 'prompt' }], rows: [viewer, whole] }));
		expect(got.set.pairs.map(({ prompt }) => prompt.text)).toEqual(['q']);
		expect(got.skipped[0]?.reason).toMatch(/viewer cut the cells chosen/);
	});
});

test('columns that are named like methods of objects are columns', () => {
	const text = `{"__proto__": {"chosen": "x"}, ${row('p', 'a').slice(1)}\n{"constructor": 1, ${row('q', 'a').slice(1)}`;
	expect(readPairs('x.jsonl', text).set.pairs.map(({ prompt }) => prompt.text)).toEqual(['p', 'q']);
	const table = readPairs('x.csv', '__proto__,constructor,prompt,chosen,rejected\n1,2,p,a,b\n');
	expect(pairTexts(table)).toEqual([['p', 'a', 'b']]);
});

test('of columns with one name the first counts', () => {
	const table = readPairs('x.csv', 'prompt,chosen,rejected,chosen,prompt\np,a,b,c,q\n');
	expect(pairTexts(table)).toEqual([['p', 'a', 'b']]);
});

test('texts that had one id of 32 bits have ids of their own', () => {
	const got = readPairs('x', ['Prompt 5pfs', 'Prompt mvja'].map((text) => row(text, 'a')).join('\n'));
	expect(new Set(got.set.pairs.map(({ id }) => id)).size).toBe(2);
	expect(new Set(got.set.pairs.map(({ prompt }) => prompt.id)).size).toBe(2);
});

test.each([
	[70e6 + 1, '70.1 MB'],
	[70.3e6, '70.3 MB'],
	[5e9, '5000 MB'],
])('a file of %d bytes is refused with a size over the limit', (bytes, size) => {
	const message = `x.jsonl is ${size} large; at most 50000 pairs and 70 MB can be used here.`;
	expect(() => expectUsablePairsSize('x.jsonl', bytes)).toThrow(message);
	expect(() => expectUsablePairsSize('x.jsonl', 70e6)).not.toThrow();
});

test('a gzip file is unpacked up to the limit', async () => {
	const bomb = await compress(new Uint8Array(80 * 2 ** 20), 'gzip');
	await expect(importPairs('x.jsonl.gz', bomb, readParquet)).rejects.toMatchObject({
		code: 'pairs-too-large',
	});
	const cut = (await compress(new TextEncoder().encode(row('p', 'a')), 'gzip')).slice(0, -9);
	await expect(importPairs('x.jsonl.gz', cut, readParquet)).rejects.toThrow(/damaged or was cut off/);
});

test('time grows with the number of labelled answers alone, also of one prompt', async () => {
	const file = (n: number): string =>
		Array.from({ length: n }, (_, i) =>
			JSON.stringify({ prompt: `p${i % 3}`, completion: `a${i}`, label: i < n / 2 }),
		).join('\n');
	expect(readPairs('x', file(3000)).set.pairs.length).toBeGreaterThan(1496);
	const work = (text: string): unknown => readPairs('x', text);
	expect(await growth(work, file, { small: 3000, large: 30_000 })).toBeLessThan(MOST_GROWTH);
});

test.each(['__proto__', 'constructor', 'toString'])('a stored pair cannot have the id %s', (id) => {
	const pair = {
		...{ id: 'x.p1', prompt: { id: 'x', text: 'p', family: null }, chosen: 'a', rejected: 'b' },
		...{ method: 'imported', from: null, edited: false },
	};
	expect(v.is(pairSchema, pair)).toBe(true);
	expect(v.safeParse(pairSchema, { ...pair, id }).issues?.[0].message).toBe(`“${id}” cannot be an id`);
	expect(v.is(pairSchema, { ...pair, prompt: { ...pair.prompt, id } })).toBe(false);
});
