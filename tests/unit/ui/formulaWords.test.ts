import { FUNCTION_NAMES, PARAMETER_LETTERS } from '#core/loss/expression/names.ts';
import { parse } from '#core/loss/expression/parse/parse.ts';
import { FORMULA_WORDS } from '#ui/views/loss/formula/formulaWords.ts';
import { insertWord } from '#ui/views/loss/formula/insertWord.ts';
import { sliderRange } from '#ui/views/loss/formula/parameterRange.ts';
import { describe, expect, test } from 'vitest';

const words = FORMULA_WORDS.flatMap(({ words }) => words);
const word = (label: string) => words.find((one) => one.label === label) ?? words[0]!;

test('every listed word is one of the language, and every function is listed', () => {
	for (const { insert } of words) {
		const text = insert.replace('(, )', '(r_w, r_l)').replace('()', '(r_w)');
		expect(() => parse(text, [...PARAMETER_LETTERS.keys()])).not.toThrow();
	}
	for (const name of FUNCTION_NAMES)
		expect(words.some(({ insert }) => insert.startsWith(`${name}(`))).toBe(true);
});

describe('a word is inserted', () => {
	test('at the cursor, which ends inside the parentheses', () => {
		expect(insertWord({ text: '1 - ', start: 4, end: 4 }, word('sigma(x)'))).toEqual({
			text: '1 - sigma()',
			cursor: 10,
		});
		expect(insertWord({ text: '', start: 0, end: 0 }, word('max(x, y)'))).toEqual({
			text: 'max(, )',
			cursor: 4,
		});
	});

	test('around a selected part', () => {
		expect(insertWord({ text: '1 - r_w', start: 4, end: 7 }, word('sigma(x)'))).toEqual({
			text: '1 - sigma(r_w)',
			cursor: 13,
		});
	});

	test('apart from the word before it', () => {
		expect(insertWord({ text: '2*r_w', start: 5, end: 5 }, word('r_l')).text).toBe('2*r_w r_l');
	});
});

test.each([
	[1, 0, 2],
	[0, 0, 1],
	[0.1, 0, 1],
	[3, 0, 10],
	[-4, -10, 10],
	[1e6, 0, 1e6],
])('the slider of %d goes from %d to %d', (value, min, max) => {
	expect(sliderRange(value)).toMatchObject({ min, max });
});
