import { describe, expect, test } from 'vitest';
import { ExpressionError } from '#core/loss/expression/error.ts';
import { MAX_DEPTH, MAX_LENGTH, parse } from '#core/loss/expression/parse/parse.ts';
import { toText } from '#tests/support/expressionText.ts';

function errorOf(text: string): ExpressionError {
	try {
		parse(text, ['tau']);
	} catch (error) {
		if (error instanceof ExpressionError) return error;
	}
	throw new Error(`“${text}” was accepted, or failed otherwise.`);
}

test.each([
	['1-2-3', '1 - 2 - 3'],
	['-r_w*r_l', '-r_w*r_l'],
	['-r_w^2', '-square(r_w)'],
	['r_w^r_l^2', 'r_w^square(r_l)'],
	['(r_w + 1)*2/beta/tau', '(r_w + 1)*2/(beta*tau)'],
	['r_w - (r_l - 1)', 'r_w - (r_l - 1)'],
	['max(r_w, -r_l)', 'max(r_w, -r_l)'],
	['σ(r_w − r_l)·β', 'sigma(r_w - r_l)*beta'],
	['1e-3*.5*2.', '0.001*0.5*2'],
])('%s is read as %s', (text, meaning) => {
	expect(toText(parse(text, ['tau']))).toBe(meaning);
});

test('every node knows its place in the text', () => {
	const text = '1 + sigma( r_w )';
	const [, call] = parse(text).args;
	expect(text.slice(call?.start, call?.end)).toBe('sigma( r_w )');
	expect(call?.args[0]).toMatchObject({ kind: 'name', start: 11, end: 14 });
});

describe('errors', () => {
	// Text, the characters that the message is about, message, hint.
	test.each<[string, [number, number], string, string]>([
		['', [0, 0], 'There is no expression yet.', 'For example: -log_sigma(r_w - r_l)'],
		['  ', [0, 0], 'There is no expression yet.', 'For example: -log_sigma(r_w - r_l)'],
		['sigmoid(r_w)', [0, 7], '“sigmoid” at character 1 is not a name here.', 'Did you mean sigma?'],
		['2*r_v', [2, 5], '“r_v” at character 3 is not a name here.', 'Did you mean r_w?'],
		['taus*r_w', [0, 4], '“taus” at character 1 is not a name here.', 'Did you mean tau?'],
		['Reward_W', [0, 8], '“Reward_W” at character 1 is not a name here.', 'Did you mean r_w?'],
		['banana', [0, 6], '“banana” at character 1 is not a name here.', ''],
		['toString', [0, 8], '“toString” at character 1 is not a name here.', ''],
		['__proto__(1)', [0, 9], '“__proto__” at character 1 is not a name here.', ''],
		['constructor', [0, 11], '“constructor” at character 1 is not a name here.', ''],
		['sigma(r_w', [5, 6], 'The parenthesis opened at character 6 is never closed.', 'Add “)”.'],
		['r_w)', [3, 4], 'The parenthesis closed at character 4 was never opened.', 'Remove it, or add “(”.'],
		['max(r_w)', [0, 8], '“max” at character 1 has one argument; it takes 2 arguments.', ''],
		['sigma()', [0, 7], '“sigma” at character 1 has no argument; it takes one argument.', ''],
		['sigma(r_w, r_l)', [0, 15], '“sigma” at character 1 has 2 arguments; it takes one argument.', ''],
		['2 r_w', [2, 5], 'An operator is missing before “r_w” at character 3.', 'Write one of + - * / ^ there.'],
		['r_w(2)', [0, 3], '“r_w” at character 1 is a value, not a function.', 'To multiply, write r_w*(…).'],
		['sigma r_w', [0, 5], '“sigma” at character 1 is a function.', 'Write sigma(…).'],
		[
			'r_w +',
			[5, 5],
			'The expression ends after “+” at character 5, where a value should follow.',
			'Add a name or a number.',
		],
		['r_w + * 2', [6, 7], 'A value is missing before “*” at character 7.', 'Add a name or a number.'],
		[
			'r_w $ 2',
			[4, 5],
			'“$” at character 5 has no meaning here.',
			'Use names, numbers, + - * / ^ and parentheses.',
		],
		[
			'1,5*r_w',
			[1, 2],
			'The comma at character 2 is not between arguments.',
			'Only max and min take two arguments. Decimals are written with a point.',
		],
	])('of “%s”', (text, [at, end], message, hint) => {
		expect(errorOf(text)).toMatchObject({ code: 'expression-invalid', at, end, message, hint });
	});

	test('a character beyond the first 65,536 counts as one', () => {
		expect(errorOf('r_w + 😀')).toMatchObject({ at: 6, end: 8 });
	});
});

describe('limits', () => {
	test('of the length', () => {
		const text = `r_w${'+1'.repeat((MAX_LENGTH - 3) / 2)}`;
		expect(() => parse(text)).not.toThrow();
		expect(errorOf(`${text}+1+1`)).toMatchObject({ at: MAX_LENGTH });
	});

	test.each([
		['parentheses', '(', ')'],
		['signs', '-', ''],
		['powers', 'r_w^', ''],
		['calls', 'exp(', ')'],
	])('of the depth of %s', (_, open, close) => {
		const nested = (levels: number): string => `${open.repeat(levels)}r_w${close.repeat(levels)}`;
		expect(() => parse(nested(MAX_DEPTH))).not.toThrow();
		expect(errorOf(nested(MAX_DEPTH + 1)).message).toContain('nested more than 64 deep');
	});
});
