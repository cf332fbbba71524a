import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAlgebra } from '#core/loss/expression/algebra/createAlgebra.ts';
import { derivative } from '#core/loss/expression/algebra/derivative.ts';
import { simplify } from '#core/loss/expression/algebra/simplify.ts';
import { evaluator } from '#core/loss/expression/evaluate.ts';
import { FUNCTIONS } from '#core/loss/expression/functions.ts';
import { FUNCTION_NAMES } from '#core/loss/expression/names.ts';
import { parse } from '#core/loss/expression/parse/parse.ts';
import type { Syntax } from '#core/loss/expression/tree.ts';
import { compileLoss, TRL_OBJECTIVES } from '#tests/support/trlObjectives.ts';

const NAMES = ['r_w', 'r_l', 'beta'];

/** The value of the text as typed, without any simplification. */
function plainValue(x: Syntax, values: readonly number[]): number {
	const args = x.args.map((arg) => plainValue(arg, values));
	switch (x.kind) {
		case 'number':
			return x.value;
		case 'name':
			return values[NAMES.indexOf(x.name)]!;
		case 'sum':
			return args.reduce((a, b) => a + b);
		case 'product':
			return args.reduce((a, b) => a * b);
		case 'power':
			return args[0]! ** args[1]!;
		case 'call':
			return FUNCTIONS[x.fn].value(...args);
	}
}

/** Smooth expressions whose values stay moderate. */
const { smooth } = fc.letrec<{ smooth: string }>((tie) => {
	const part = tie('smooth');
	const unary = fc.constantFrom('sigma', 'log_sigma', 'softplus', 'tanh', 'slope', 'square');
	return {
		smooth: fc.oneof(
			{ maxDepth: 5, withCrossShrink: true },
			fc.constantFrom('r_w', 'r_l', 'beta', '1', '2', '0.5'),
			fc.tuple(unary, part).map(([fn, x]) => `${fn}(${x})`),
			fc.tuple(part, fc.constantFrom('+', '-', '*'), part).map(([x, mark, y]) => `(${x}${mark}${y})`),
			fc.tuple(part, part).map(([x, y]) => `(${x})/(1 + softplus(${y}))`),
			part.map((x) => `exp(-square(${x}))`),
			part.map((x) => `log(2 + sigma(${x}))`),
			part.map((x) => `(1 + sigma(${x}))^1.5`),
			part.map((x) => `log1mexp(log_sigma(${x}) - 0.1)`),
		),
	};
});
const values = fc.tuple(...NAMES.map(() => fc.double({ min: -2, max: 2, noNaN: true })));

const near = (a: number, b: number, tolerance: number): boolean =>
	Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));

test('simplification keeps the value', () => {
	fc.assert(
		fc.property(smooth, values, (text, at) => {
			const syntax = parse(text);
			const [value] = evaluator([simplify(createAlgebra(), syntax)], NAMES)(at);
			expect(value, text).toSatisfy((v: number) => near(v, plainValue(syntax, at), 1e-9));
		}),
		{ seed: 1, numRuns: 500 },
	);
});

test('derivatives equal central differences', () => {
	fc.assert(
		fc.property(smooth, values, fc.constantFrom(0, 1), (text, at, axis) => {
			const a = createAlgebra();
			const x = simplify(a, parse(text));
			const run = evaluator([x, derivative(a, x, NAMES[axis]!)], NAMES);
			const h = 1e-5;
			const moved = (by: number): number => run(at.map((v, i) => (i === axis ? v + by : v)))[0]!;
			const slope = (moved(h) - moved(-h)) / (2 * h);
			// Differences of large values have few digits.
			fc.pre(Math.abs(moved(0)) < 1e3 && Math.abs(slope) < 1e3);
			expect(run(at)[1], text).toSatisfy((v: number) => near(v, slope, 1e-4));
		}),
		{ seed: 1, numRuns: 500 },
	);
});

describe('every primitive', () => {
	test.each(FUNCTION_NAMES.filter((name) => FUNCTIONS[name].arity === 1 && name !== 'detach'))(
		'%s has the slope that its value has',
		(name) => {
			const a = createAlgebra();
			const x = a.call(name, a.name('r_w'));
			const run = evaluator([x, derivative(a, x, 'r_w')], ['r_w']);
			for (const at of name === 'log' ? [0.3, 2] : [-2, -0.3]) {
				const slope = (run([at + 1e-6])[0]! - run([at - 1e-6])[0]!) / 2e-6;
				expect(run([at])[1]).toBeCloseTo(slope, 6);
			}
		},
	);

	test.each([
		['relu(r_w)', 0],
		['abs(r_w)', 0],
		['max(r_w, 0)', 0.5],
		['min(r_w, 0)', 0.5],
	])('at its kink, %s has the slope that torch takes: %f', (text, slope) => {
		expect(compileLoss(text).gradientOf({ ...PAIR, logp_w: PAIR.ref_w }).chosen).toBe(slope * PAIR.beta);
	});
});

const PAIR = {
	logp_w: -40,
	logp_l: -50,
	ref_w: -45,
	ref_l: -48,
	len_w: 9,
	len_l: 12,
	mean_len_w: 10,
	beta: 0.5,
	kl: 1,
};

describe('far from 0', () => {
	test.each([...TRL_OBJECTIVES.keys()])('%s stays finite at rewards of ±500', (name) => {
		const objective = TRL_OBJECTIVES.get(name)!;
		for (const w of [-500, 0, 500]) {
			for (const l of [-500, 0, 500]) {
				// Log-probabilities stay below 0 as real ones do.
				const [ref_w, ref_l] = [-1001, -1001];
				const at = { ...PAIR, ref_w, ref_l, logp_w: ref_w + w / 0.5, logp_l: ref_l + l / 0.5 };
				const { chosen, rejected } = objective.gradientOf(at);
				const all = [objective.lossOf(at), chosen, rejected];
				// DiscoPOP's own e^(r_l − r_w) is beyond f64 at a difference of 1,000.
				if (name === 'discopop' && l - w > 700) continue;
				expect(all, `r_w = ${w}, r_l = ${l}`).toSatisfy((list: number[]) => list.every(Number.isFinite));
			}
		}
	});

	test.each([
		['log(sigma(r_w))', -800, -800],
		['log(1 + exp(r_w))', 800, 800],
		['log(exp(r_w) + exp(r_l))', 800, 800],
		['exp(r_w)/(1 + exp(r_w))', 800, 1],
		['sigma(r_w)*exp(-r_w)', -800, 1],
	])('%s at r_w = %f is %f', (text, w, value) => {
		expect(compileLoss(text).lossOf({ ...PAIR, beta: 1, logp_w: w, ref_w: 0, logp_l: 0, ref_l: 0 })).toBe(
			value,
		);
	});
});
