import { describe, expect, test } from 'vitest';
import { drawSet } from '#core/pair/set/drawSet.ts';
import { editPair, restorePair } from '#core/pair/set/edit.ts';
import { filterPairs, NO_FILTER, takesAll, type SetFilter } from '#core/pair/set/filter.ts';
import { setContent, withSetIds } from '#core/pair/set/content.ts';
import { pairsOfRun } from '#core/pair/set/fromRun.ts';
import { mergeSets } from '#core/pair/set/merge.ts';
import { splitByFamily, splitByShare } from '#core/pair/set/split.ts';
import type { SetPair } from '#core/pair/set/keptSet.ts';
import type { Output } from '#core/output/output.ts';
import { isHeldOut } from '#core/prompt/split.ts';
import { keptSet, setPair } from '#tests/support/setPairs.ts';

const ids = (pairs: readonly SetPair[]): readonly string[] => pairs.map(({ id }) => id);

describe('a filter takes', () => {
	const first = setPair('a', 'one two three', 'one two four');
	const pairs = [
		first,
		setPair('b', 'yes', 'no', { method: 'imported', edited: true }),
		setPair('c', 'Sorted', 'sorted', { open: { chosen: false, rejected: true } }),
	];
	const family = { ...first, id: 'd', prompt: { id: 'd', text: 'prompt d', family: 'sums' } };

	test.each<[string, Partial<SetFilter>, readonly string[]]>([
		['all without limits', {}, ['a', 'b', 'c', 'd']],
		['a text of any of the three, in any case', { text: ' SORTED ' }, ['c']],
		['a family', { families: ['sums'] }, ['d']],
		['prompts without a family', { families: [null] }, ['a', 'b', 'c']],
		['a method', { methods: ['imported'] }, ['b']],
		['pairs with an answer that was cut', { cut: 'cut' }, ['c']],
		['pairs without one', { cut: 'whole' }, ['a', 'b', 'd']],
		['edited pairs', { edited: 'edited' }, ['b']],
		// a and d share two of four words; b and c share none.
		['a range, both ends included', { ranges: { jaccard: { from: 0.5, to: 0.5 } } }, ['a', 'd']],
		['a range with one end', { ranges: { jaccard: { from: null, to: 0.4 } } }, ['b', 'c']],
		['no pair without the measure', { ranges: { scoreDifference: { from: -1, to: null } } }, []],
	])('%s', (_name, part, expected) => {
		expect(ids(filterPairs([...pairs, family], { ...NO_FILTER, ...part }))).toEqual(expected);
	});

	test('and says if it takes all', () => {
		expect(takesAll({ ...NO_FILTER, ranges: { jaccard: { from: null, to: null } } })).toBe(true);
		expect(takesAll({ ...NO_FILTER, ranges: { jaccard: { from: 0, to: null } } })).toBe(false);
	});
});

describe('an edit by hand', () => {
	const pair = setPair('a', 'went', 'goed', {
		by: { chosen: 'reviser', rejected: 'model' },
		open: { chosen: true, rejected: true },
	});

	test('marks the pair, keeps its first texts, and forgets the writer and the cut of the changed answer', () => {
		expect(editPair(pair, { chosen: 'has gone', rejected: 'goed' })).toEqual({
			...pair,
			chosen: 'has gone',
			edited: true,
			before: { chosen: 'went', rejected: 'goed' },
			by: { chosen: null, rejected: 'model' },
			open: { chosen: false, rejected: true },
		});
	});

	test('a second edit keeps the first texts, and the first texts are no edit', () => {
		const once = editPair(pair, { chosen: 'has gone', rejected: 'goed' }) as SetPair;
		expect(editPair(once, { chosen: 'x', rejected: 'y' })).toMatchObject({ before: { chosen: 'went' } });
		expect(editPair(once, { chosen: 'went', rejected: 'goed' })).toMatchObject({ edited: false });
		expect(restorePair(once)).not.toHaveProperty('before');
	});

	test('answers that are no pair are refused with the reason', () => {
		expect(editPair(pair, { chosen: ' ', rejected: 'goed' })).toBe('“chosen” is empty');
		expect(editPair(pair, { chosen: 'goed ', rejected: 'goed' })).toBe(
			'chosen and rejected differ in spaces only',
		);
		expect(editPair(pair, pair)).toBe(pair);
	});

	test('an answer of a whole file is refused with both lengths, but a long one can be shortened', () => {
		expect(editPair(pair, { chosen: 'a'.repeat(300_000), rejected: 'goed' })).toBe(
			'“chosen” has 300,000 characters, and an edit may have 20,000: shorten it',
		);
		const long = { ...pair, chosen: 'a '.repeat(20_000) };
		expect(editPair(long, { chosen: 'a '.repeat(19_000), rejected: 'goed' })).toMatchObject({ edited: true });
	});
});

describe('a split', () => {
	const pairs = Array.from({ length: 20 }, (_, i) => setPair(`p${i % 10}`, `good ${i}`, `bad ${i}`));

	test('by share is the same for the same seed, and keeps the pairs of a prompt together', () => {
		const [first, second] = splitByShare(pairs, 0.7, 1);
		expect([first?.label, first?.pairs.length, second?.label, second?.pairs.length]).toEqual([
			'70%',
			14,
			'30%',
			6,
		]);
		const texts = new Set(first?.pairs.map(({ prompt }) => prompt.text));
		expect(second?.pairs.some(({ prompt }) => texts.has(prompt.text))).toBe(false);
		expect(splitByShare(pairs, 0.7, 1)).toEqual([first, second]);
		expect(splitByShare(pairs, 0.7, 2)).not.toEqual([first, second]);
	});

	test('by share of one prompt has one part', () => {
		expect(splitByShare(pairs.slice(0, 1), 0.5, 1)).toHaveLength(1);
	});

	test('by family has a part for each, and one for prompts without', () => {
		const sums = setPair('s', 'x', 'y', { prompt: { id: 's', text: 's', family: 'sums' } });
		expect(splitByFamily([...pairs, sums]).map(({ label, pairs: part }) => [label, part.length])).toEqual([
			['no family', 20],
			['sums', 1],
		]);
	});
});

describe('a merge', () => {
	const a = keptSet('A', [setPair('x', 'good', 'bad'), setPair('y', 'good', 'bad')]);
	const b = keptSet('B', [
		setPair('x', 'good', 'bad', { method: 'imported' }),
		setPair('y', 'bad', 'good'),
		setPair('x', 'better', 'bad'),
	]);

	test('keeps duplicates once and names pairs that prefer the opposite', () => {
		const merged = mergeSets([a, b]);
		expect(merged.pairs.map(({ id, chosen, origin }) => [id, chosen, origin])).toEqual([
			['x.p1', 'good', 0],
			['y.p1', 'good', 0],
			['x.p2', 'better', 1],
		]);
		expect(merged.duplicates).toBe(1);
		expect(merged.conflicts).toEqual([{ pair: b.pairs[1], set: 'B', keptSet: 'A' }]);
		expect(merged.origins).toEqual([...a.origins, ...b.origins]);
	});

	test('lists an origin once, and gives one prompt one id', () => {
		const again = keptSet(
			'C',
			[setPair('x', 'z', 'bad', { prompt: { id: 'u', text: 'prompt x', family: null } })],
			{
				origins: a.origins,
			},
		);
		const merged = mergeSets([a, again]);
		expect(merged.origins).toEqual(a.origins);
		expect(ids(merged.pairs)).toEqual(['x.p1', 'y.p1', 'x.p2']);
	});
});

test('the content is that of the texts and open ends alone', () => {
	const pair = setPair('a', 'went', 'goed');
	const same = setContent([{ ...pair, id: 'other', method: 'clair', edited: true } as SetPair]);
	expect(setContent([pair])).toEqual(same);
	expect(setContent([{ ...pair, open: { chosen: true, rejected: false } }])).not.toEqual(same);
	expect(ids(withSetIds([pair, pair]))).toEqual(['a.p1', 'a.p2']);
});

test('the pairs of a run know their writers and the answers that were cut', () => {
	const output = { id: 'a.o1', model: 'target', finishReason: 'length' } as Output;
	const from = {
		chosen: { kind: 'answer' as const, id: 'a.a1' },
		rejected: { kind: 'output' as const, id: 'a.o1' },
	};
	const answer = { id: 'a.a1', model: 'stronger', finishReason: 'stop' } as Output;
	const rows = { outputs: [output], answers: [answer], revisions: [], judgements: [] };
	expect(pairsOfRun([{ ...setPair('a', 'went', 'goed'), from }], rows)).toMatchObject([
		{ by: { chosen: 'stronger', rejected: 'target' }, open: { chosen: false, rejected: true }, origin: 0 },
	]);
});

describe('a run with a set', () => {
	const pairs = Array.from({ length: 40 }, (_, i) => setPair(`q${i}`, `good ${i}`, `bad ${i}`));
	const sided = { pairs, heldOut: pairs.map(({ prompt }) => isHeldOut(prompt.text)) };
	const byHash = sided.heldOut.filter(Boolean).length;

	test('trains on no prompt that is held out, by its hash or by the evaluation', () => {
		const asked = { id: 'h', text: 'PROMPT q3?', family: null };
		expect(byHash).toBeGreaterThan(0);
		expect(isHeldOut('prompt q3')).toBe(false);
		const { train, heldOut, heldOutPrompts } = drawSet(sided, { count: 100, seed: 1 }, [asked]);
		expect(heldOut).toHaveLength(byHash + 1);
		expect(train).toHaveLength(40 - byHash - 1);
		expect(ids(train)).not.toContain('q3');
		expect(heldOutPrompts).toEqual([asked]);
	});

	test('trains on at most the recipe’s number, and on no unusable pair', () => {
		const { train } = drawSet(sided, { count: 5, seed: 1 }, [], (index) => index > 20);
		expect(train).toHaveLength(5);
	});
});
