import { describe, expect, test } from 'vitest';
import { createAlgebra } from '#core/loss/expression/algebra/createAlgebra.ts';
import { derivative } from '#core/loss/expression/algebra/derivative.ts';
import { simplify } from '#core/loss/expression/algebra/simplify.ts';
import { AlgebraError, type ExpressionError } from '#core/loss/expression/error.ts';
import { parse } from '#core/loss/expression/parse/parse.ts';
import type { Expr } from '#core/loss/expression/tree.ts';
import { toText } from '#tests/support/expressionText.ts';

const PARAMETERS = ['tau', 'epsilon'];

function simplified(text: string): string {
	return toText(simplify(createAlgebra(), parse(text, PARAMETERS)));
}

function slope(text: string, name = 'r_w'): string {
	const a = createAlgebra();
	return toText(derivative(a, simplify(a, parse(text, PARAMETERS)), name));
}

describe('simplification', () => {
	// A text that a student may type, and its stable form.
	test.each([
		['log(sigma(r_w - r_l))', 'log_sigma(r_w - r_l)'],
		['log(1/(1 + exp(r_l - r_w)))', 'log_sigma(r_w - r_l)'],
		['-log(exp(r_w)/(exp(r_w) + exp(r_l)))', '-log_sigma(r_w - r_l)'],
		['log(1 - sigma(r_w))', 'log_sigma(-r_w)'],
		['1 - sigma(r_w)', 'sigma(-r_w)'],
		['1 - sigma(r_w) + sigma(r_l)', 'sigma(-r_w) + sigma(r_l)'],
		['sigma(r_w) - 1', '-sigma(-r_w)'],
		['sigma(r_w)*(1 - sigma(r_w))', 'slope(r_w)'],
		['log_sigma(r_w) - log_sigma(-r_w)', 'r_w'],
		['log(exp(r_w) + exp(r_l))', 'r_w + softplus(r_l - r_w)'],
		['log(1 - exp(logp_w))', 'log1mexp(logp_w)'],
		['exp(r_w)*exp(r_l)', 'exp(r_w + r_l)'],
		['exp(log_sigma(r_w))', 'sigma(r_w)'],
		['r_w + r_w - 2*r_w', '0'],
		['r_w*r_w/r_w', 'r_w'],
		['abs(r_l - r_w) - abs(r_w - r_l)', '0'],
		['square(r_l - r_w) - square(r_w - r_l)', '0'],
		['max(r_w, r_w)', 'r_w'],
		['detach(detach(r_w))', 'detach(r_w)'],
		['2*log(2)*r_w/log(2)', '2*r_w'],
	])('%s is %s', (text, form) => {
		expect(simplified(text)).toBe(form);
	});

	test('equal forms are one node, in whatever order they are typed', () => {
		const a = createAlgebra();
		const node = (text: string): Expr => simplify(a, parse(text));
		expect(node('r_l*beta + r_w')).toBe(node('r_w + beta*r_l'));
		expect(node('r_l - r_w')).toBe(a.negative(node('r_w - r_l')));
	});
});

describe('derivatives', () => {
	test.each([
		['sigma(r_w)', 'slope(r_w)'],
		['-log_sigma(r_w - r_l)', '-sigma(r_l - r_w)'],
		['sigma(r_w) - sigma(r_w - r_l)', 'slope(r_w) - slope(r_w - r_l)'],
		['square(r_w - r_l)', '2*(r_w - r_l)'],
		['r_w^3/len_w', '3*square(r_w)/len_w'],
		['tau^r_w', 'tau^r_w*log(tau)'],
		['relu(1 - r_w)', '-step(1 - r_w)'],
		['exp(-r_w)', '-exp(-r_w)'],
		['tanh(r_w)', '4*slope(2*r_w)'],
		['detach(r_w)*r_w', 'detach(r_w)'],
		['log1mexp(r_w)', '-odds(r_w)'],
		['softplus(r_w)', 'sigma(r_w)'],
		['abs(r_w)', 'sign(r_w)'],
		['max(r_w, 0)', '(1 + sign(r_w))/2'],
		['(1 - epsilon)*r_w - epsilon*r_l', '1 - epsilon'],
		['log_sigma(r_l)', '0'],
	])('of %s by r_w is %s', (text, form) => {
		expect(slope(text)).toBe(form);
	});
});

describe('refusals', () => {
	test.each([
		['r_w + 1/(2 - 2)', 7, 15],
		['1e400*r_w', 0, 5],
		['r_w*log(-1)', 4, 11],
		['exp(100)', 0, 8],
		['3e38*exp(3)*r_w', 0, 15],
	])('the constant part of %s that is not finite is pointed out', (text, at, end) => {
		const refusal = expect.objectContaining({ at, end, code: 'expression-invalid' }) as ExpressionError;
		expect(() => simplify(createAlgebra(), parse(text))).toThrow(refusal);
	});

	test('work is bounded', () => {
		const a = createAlgebra();
		const terms = Array.from({ length: 1000 }, (_, i) => a.product(i + 2, a.name('r_w')));
		const repeat = (): void => {
			for (let i = 0; i < 200; i++) a.sum(...terms);
		};
		expect(repeat).toThrow(AlgebraError);
	});
});
