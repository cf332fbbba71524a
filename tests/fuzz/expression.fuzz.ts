/** The text of an objective, which a person types. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { ExpressionError } from '#core/loss/expression/error.ts';
import { FUNCTION_NAMES, PAIR_SYMBOLS, STEP_SYMBOLS } from '#core/loss/expression/names.ts';
import { arityOf } from '#core/loss/expression/parse/words.ts';
import { compileObjective } from '#core/loss/objectives/compile.ts';
import { readKeptFormula } from '#core/loss/objectives/keptFormula.ts';
import { FORMULA } from '#core/loss/objectives/settings.ts';
import { objectiveWarnings } from '#core/loss/objectives/warnings.ts';
import type { Values } from '#core/loss/objectives/values.ts';
import { target } from './target.ts';

const WORDS = [
	...FUNCTION_NAMES,
	...PAIR_SYMBOLS,
	...STEP_SYMBOLS,
	'tau',
	'σ',
	'β',
	'__proto__',
	'constructor',
];
const VALUES: Values = {
	beta: 0.1,
	logp_w: -10,
	logp_l: -12,
	ref_w: -11,
	ref_l: -11,
	len_w: 7,
	len_l: 5,
	mean_len_w: 6,
	kl: 0.2,
};
const SIGNS = [
	'+',
	'-',
	'−',
	'*',
	'·',
	'/',
	'^',
	'(',
	')',
	'((',
	'))',
	',',
	' ',
	'\n',
	'.',
	'1e',
	'0',
	'2',
	'1e308',
	'1e-320',
];

const soup = fc
	.array(fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...WORDS) }, fc.constantFrom(...SIGNS)), {
		maxLength: 30,
	})
	.map((words) => words.join(''));

/** An expression in the right syntax, which may still have no usable value or derivative. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
	expression: fc.oneof(
		{ maxDepth: 6, withCrossShrink: true },
		fc.constantFrom(...PAIR_SYMBOLS, ...STEP_SYMBOLS, 'tau'),
		fc.double({ min: 0, max: 1e6, noNaN: true }).map(String),
		fc
			.tuple(tie('expression'), fc.constantFrom('+', '-', '*', '/', '^'), tie('expression'))
			.map(([left, sign, right]) => `(${left} ${sign} ${right})`),
		fc
			.tuple(fc.constantFrom(...FUNCTION_NAMES), tie('expression'), tie('expression'))
			.map(([name, first, second]) => `${name}(${arityOf(name) === 2 ? `${first}, ${second}` : first})`),
		tie('expression').map((inner) => `-${inner}`),
	),
}));

/** Compiles or refuses; a refusal names characters inside the text. */
function compileOrRefuse(loss: string): void {
	try {
		const objective = compileObjective({
			id: 'typed',
			trlName: 'typed',
			title: 'Typed',
			loss,
			parameters: { tau: { default: 0.5, min: 0, max: 1, meaning: 'a temperature' } },
			whenToUse: '',
			does: '',
			source: '',
		});
		const { mathml, torch, wgsl, lossOf } = objective;
		for (const { text } of objectiveWarnings(objective)) expect(text).not.toMatch(/NaN|undefined/);
		expect(typeof lossOf(VALUES)).toBe('number');
		expect(mathml.loss.tag).not.toBe('');
		expect(`${torch}${wgsl.chosen}${wgsl.rejected}`).not.toMatch(/undefined|\[object/);
	} catch (error) {
		if (!(error instanceof ExpressionError)) throw error;
		expect(error.message).not.toBe('');
		expect(error.at).toBeGreaterThanOrEqual(0);
		expect(error.at).toBeLessThanOrEqual(error.end);
		expect(error.end).toBeLessThanOrEqual(loss.length);
	}
}

export const targets = [
	target('an objective made of the words and signs of the language', soup, compileOrRefuse),
	target('an objective in the right syntax', expression, compileOrRefuse),
	target('a formula that the tab remembers', fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) =>
		expect(readKeptFormula(text)?.id ?? FORMULA).toBe(FORMULA),
	),
	target('an objective of any characters', fc.string({ unit: 'binary', maxLength: 60 }), compileOrRefuse),
];
