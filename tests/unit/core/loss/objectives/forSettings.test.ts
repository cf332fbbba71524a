import { describe, expect, test } from 'vitest';
import { ExpressionError } from '#core/loss/expression/error.ts';
import {
	asFormula,
	asSum,
	formulaParameters,
	objectiveFor,
	sumFormula,
	titleOf,
} from '#core/loss/objectives/forSettings.ts';
import { objectiveOf, registerObjective } from '#core/loss/objectives/registry.ts';
import type { Values } from '#core/loss/objectives/values.ts';

const VALUES: Values = {
	logp_w: -11,
	logp_l: -9,
	ref_w: -12,
	ref_l: -8,
	len_w: 4,
	len_l: 6,
	beta: 0.5,
	mean_len_w: 5,
};

registerObjective({
	...objectiveOf('dpo'),
	id: 'margin_test',
	title: 'Margin',
	loss: 'relu(tau - (r_w - r_l)) - lambda*r_w',
	parameters: {
		tau: { default: 1, min: -10, max: 10, meaning: 'a margin' },
		lambda: { default: 0, min: 0, max: 1, meaning: 'a share' },
	},
});

describe('a registered objective', () => {
	test('without parameters is the registry’s own object', () => {
		expect(objectiveFor({ id: 'apo_zero', beta: 1 })).toBe(objectiveOf('apo_zero'));
		expect(() => objectiveFor({ id: 'ppo', beta: 1 })).toThrow(/no objective “ppo”/);
	});

	test('with parameters has their values as defaults, so that its loss at zero is the run’s', () => {
		const objective = objectiveFor({ id: 'margin_test', beta: 1, parameters: { tau: 3 } });
		expect(objective.atZero).toBe(3);
		expect(objective.lossOf(VALUES)).toBe(2);
		expect(objective.parameters).toMatchObject({ tau: { default: 3 }, lambda: { default: 0 } });
		expect(objectiveOf('margin_test').atZero).toBe(1);
	});
});

describe('a formula', () => {
	const settings = {
		id: 'formula',
		beta: 0.5,
		formula: 'softplus(gamma - r_w + r_l)',
		parameters: { gamma: 2 },
	};

	test('compiles once for equal content, whatever β', () => {
		const objective = objectiveFor(settings);
		expect(objectiveFor({ ...settings, beta: 1, parameters: { gamma: 2 } })).toBe(objective);
		expect(objectiveFor({ ...settings, parameters: { gamma: 3 } })).not.toBe(objective);
		expect(objective.lossOf(VALUES)).toBeCloseTo(Math.log1p(Math.exp(1)), 14);
		expect(objective).toMatchObject({ form: 'pairwise', axes: { quantity: 'reward', perToken: false } });
	});

	test('reads the Greek names as parameters, each 1 by default', () => {
		expect(formulaParameters('gamma*r_w - alpha*r_l + gamma')).toEqual(['gamma', 'alpha']);
		expect(objectiveFor({ id: 'formula', beta: 1, formula: 'gamma*r_w' }).parameters).toMatchObject({
			gamma: { default: 1 },
		});
		expect(() => formulaParameters('gama*r_w')).toThrow(ExpressionError);
	});

	test.each(['', 'r_w +', 'x*r_w', '1/0', '('.repeat(100), 'r_w'.repeat(5000)])(
		'%.20s is refused',
		(formula) => {
			expect(() => objectiveFor({ id: 'formula', beta: 1, formula })).toThrow(ExpressionError);
		},
	);
});

describe('a weighted sum', () => {
	const terms = [
		{ id: 'margin_test', weight: 1, parameters: { tau: 3 } },
		{ id: 'margin_test', weight: 0.5, parameters: { tau: -1, lambda: 0.25 } },
		{ id: 'sft', weight: 2 },
	];

	test('has the losses and gradients of its parts, each with its own parameters', () => {
		const sum = objectiveFor({ id: 'sum', beta: 0.5, terms });
		const parts = terms.map(({ weight, ...term }) => ({
			weight,
			part: objectiveFor({ beta: 0.5, ...term }),
		}));
		const total = (valueOf: (part: (typeof parts)[number]['part']) => number): number =>
			parts.reduce((all, { weight, part }) => all + weight * valueOf(part), 0);
		expect(sum.lossOf(VALUES)).toBeCloseTo(
			total(({ lossOf }) => lossOf(VALUES)),
			14,
		);
		for (const side of ['chosen', 'rejected'] as const)
			expect(sum.gradientOf(VALUES)[side]).toBeCloseTo(
				total(({ gradientOf }) => gradientOf(VALUES)[side]),
				14,
			);
		expect(sum.title).toBe('Margin + 0.5 Margin + 2 SFT');
		expect(sum.trlName).toBe('sigmoid,sigmoid,sft');
		expect(sum.form).toBe('mixed');
	});

	test('as a formula writes numbers for parameters', () => {
		expect(sumFormula(terms.slice(0, 2))).toBe(
			'(relu(3 - (r_w - r_l)) - 0*r_w) + 0.5*(relu((-1) - (r_w - r_l)) - 0.25*r_w)',
		);
	});

	test('of an unknown part is refused', () => {
		expect(() => objectiveFor({ id: 'sum', beta: 1, terms: [{ id: 'ppo', weight: 1 }] })).toThrow(/“ppo”/);
	});
});

test('a formula and a sum start from the objective before', () => {
	expect(asFormula({ id: 'apo_zero', beta: 2 })).toEqual({
		id: 'formula',
		beta: 2,
		formula: '1 - sigma(r_w) + sigma(r_l)',
	});
	const margin = { id: 'margin_test', beta: 2, parameters: { tau: 3 } };
	const formula = asFormula(margin);
	expect(formula.parameters).toEqual({ tau: 3, lambda: 0 });
	expect(objectiveFor(formula).lossOf(VALUES)).toBe(objectiveFor(margin).lossOf(VALUES));
	expect(asSum(margin).terms).toEqual([
		{ id: 'margin_test', weight: 1, parameters: { tau: 3 } },
		{ id: 'sft', weight: 0.2 },
	]);
	expect(asSum({ id: 'sft', beta: 1 }).terms?.map(({ id }) => id)).toEqual(['sft', 'apo_zero']);
	expect(asSum(formula).terms?.map(({ id }) => id)).toEqual(['apo_zero', 'sft']);
	const sum = asSum(margin);
	expect(objectiveFor(asFormula(sum)).lossOf(VALUES)).toBe(objectiveFor(sum).lossOf(VALUES));
});

test('titles need no compilation, so unknown ids and unusable formulas have one', () => {
	expect(titleOf({ id: 'apo_zero' })).toBe('APO-zero');
	expect(titleOf({ id: 'formula' })).toBe('Your formula');
	expect(titleOf({ id: 'sum' })).toBe('Weighted sum');
	expect(titleOf({ id: 'sum', terms: [{ id: 'ppo', weight: 0.2 }] })).toBe('0.2 ppo');
});
