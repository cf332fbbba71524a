import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffWords, levenshtein, measureContrast, tokenJaccard } from '#core/revision/measures.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '🙂', '\n', '.'), maxLength: 24 });

/** The textbook recursion, for short texts. */
function distanceByDefinition(a: readonly string[], b: readonly string[]): number {
	const memo = new Map<string, number>();
	const d = (i: number, j: number): number => {
		if (i === 0 || j === 0) return i + j;
		const key = `${i},${j}`;
		const known = memo.get(key);
		if (known !== undefined) return known;
		const value = Math.min(
			d(i - 1, j) + 1,
			d(i, j - 1) + 1,
			d(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
		);
		memo.set(key, value);
		return value;
	};
	return d(a.length, b.length);
}

describe('Levenshtein', () => {
	test('equals its definition', () => {
		fc.assert(
			fc.property(text, text, (a, b) => {
				expect(levenshtein(a, b)).toBe(distanceByDefinition(Array.from(a), Array.from(b)));
			}),
			{ seed: 4, numRuns: 300 },
		);
	});

	test('equals its definition over several full and partial machine words', () => {
		const long = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '🙂'), minLength: 25, maxLength: 110 });
		fc.assert(
			fc.property(long, long, (a, b) => {
				expect(levenshtein(a, b)).toBe(distanceByDefinition(Array.from(a), Array.from(b)));
			}),
			{ seed: 6, numRuns: 60 },
		);
		for (const length of [31, 32, 33, 63, 64, 65]) {
			expect(levenshtein('x'.repeat(length), 'y'.repeat(length))).toBe(length);
			expect(levenshtein(`${'ab'.repeat(length)}c`, `c${'ba'.repeat(length)}`)).toBe(2);
		}
	});

	test('is an upper bound for long texts, and exact for a few changed words', () => {
		const text = (word: string): string => Array.from({ length: 4000 }, (_, i) => `${word}${i}`).join(' ');
		const long = text('word');
		expect(levenshtein(`x ${long} y`, `z ${long.replace('word7 ', 'ward7 ')} q`)).toBe(3);
		const other = text('wird');
		expect(levenshtein(long, other)).toBeGreaterThanOrEqual(4000);
		expect(levenshtein(long, other)).toBeLessThanOrEqual(long.length);
	});

	test.each([
		['kitten', 'sitting', 3],
		['', 'abc', 3],
		['🙂🙃', '🙂', 1],
		['same', 'same', 0],
	])('%s → %s is %d', (a, b, distance) => {
		expect(levenshtein(a, b)).toBe(distance);
	});
});

test('token Jaccard counts distinct words and signs', () => {
	expect(tokenJaccard('the cat sat', 'the cat ran')).toBe(2 / 4);
	expect(tokenJaccard('Hello', 'hello')).toBe(0);
	expect(tokenJaccard('a, b', 'a b')).toBe(2 / 3);
	expect(tokenJaccard('b a a', 'a b')).toBe(1);
	expect(tokenJaccard('', ' ')).toBe(1);
	expect(tokenJaccard('don’t', 'don’t go')).toBe(1 / 2);
});

test('all measures of one edit', () => {
	expect(measureContrast('I goed home', 'I went home.')).toEqual({
		jaccard: 2 / 5,
		levenshtein: 5,
		levenshteinRelative: 5 / 12,
		lengthRatio: 12 / 11,
		commonPrefix: 2,
	});
	expect(measureContrast('', 'ab')).toMatchObject({
		lengthRatio: 2,
		levenshteinRelative: 1,
		commonPrefix: 0,
	});
	expect(measureContrast('', '')).toMatchObject({ lengthRatio: 0, levenshteinRelative: 0, levenshtein: 0 });
});

describe('the word diff', () => {
	test('spells both texts', () => {
		fc.assert(
			fc.property(text, text, (a, b) => {
				const pieces = diffWords(a, b);
				const spell = (other: string): string =>
					pieces
						.filter(({ kind }) => kind === 'same' || kind === other)
						.map((piece) => piece.text)
						.join('');
				expect(spell('removed')).toBe(a);
				expect(spell('added')).toBe(b);
			}),
			{ seed: 5, numRuns: 300 },
		);
	});

	test('makes one piece of each of two entirely different texts', () => {
		const words = (seed: string): string => Array.from({ length: 1500 }, (_, i) => `${seed}${i}`).join(' ');
		expect(diffWords(words('a'), words('b'))).toEqual([
			{ kind: 'removed', text: words('a') },
			{ kind: 'added', text: words('b') },
		]);
	});

	test('marks the changed words, and treats markup as text', () => {
		expect(diffWords('I goed home', 'I went home')).toEqual([
			{ kind: 'same', text: 'I ' },
			{ kind: 'removed', text: 'goed' },
			{ kind: 'added', text: 'went' },
			{ kind: 'same', text: ' home' },
		]);
		const [piece] = diffWords('<b>x</b>', '<b>x</b>');
		expect(piece).toEqual({ kind: 'same', text: '<b>x</b>' });
	});
});
