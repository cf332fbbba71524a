import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '#core/errors.ts';
import { ExpressionError } from '#core/loss/expression/error.ts';
import type { Objective, ObjectiveForm } from '#core/loss/objectives/objective.ts';
import { listObjectives, objectiveOf, registerObjective } from '#core/loss/objectives/registry.ts';
import { valuesAtRewards, type Values } from '#core/loss/objectives/values.ts';

/** The values of a pair whose rewards at β = 0.5 are these. */
function pairAt(chosen: number, rejected: number): Values {
	return {
		logp_w: -42 + chosen / 0.5,
		logp_l: -39 + rejected / 0.5,
		ref_w: -42,
		ref_l: -39,
		len_w: 4,
		len_l: 6,
		beta: 0.5,
		mean_len_w: 5,
		kl: 0.3,
	};
}

/** The values of a pair far from its reference, at β = 1. */
function farAt(chosen: number, rejected: number): Values {
	return { ...valuesAtRewards(chosen - 1000, rejected - 1000), ref_w: -1000, ref_l: -1000 };
}

const OWN: Objective = {
	id: 'own',
	trlName: 'own',
	title: 'Own',
	loss: 'relu(tau - (r_w - r_l))',
	parameters: { tau: { default: 1, min: 0, max: 10, meaning: 'margin that is enough' } },
	whenToUse: 'Never.',
	does: 'Widens the margin up to a limit.',
	source: 'this test',
};

test('APO is listed first, before its rivals', () => {
	expect(
		listObjectives()
			.map(({ id }) => id)
			.slice(0, 2),
	).toEqual(['apo_zero', 'apo_down']);
});

describe.each(listObjectives())('$id', ({ lossOf, gradientOf, rewardGradientOf }) => {
	const reward = fc.double({ min: -8, max: 8, noNaN: true });

	test('gradients equal central differences of the loss', () => {
		const h = 1e-5;
		fc.assert(
			fc.property(reward, reward, (w, l) => {
				const slope = (dw: number, dl: number): number =>
					(lossOf(pairAt(w + dw, l + dl)) - lossOf(pairAt(w - dw, l - dl))) / (2 * h);
				const [byReward, byLogp] = [rewardGradientOf(pairAt(w, l)), gradientOf(pairAt(w, l))];
				expect(byReward.chosen).toBeCloseTo(slope(h, 0), 7);
				expect(byReward.rejected).toBeCloseTo(slope(0, h), 7);
				expect(byLogp.chosen).toBeCloseTo(0.5 * byReward.chosen, 14);
				expect(byLogp.rejected).toBeCloseTo(0.5 * byReward.rejected, 14);
			}),
			{ seed: 1, numRuns: 200 },
		);
	});

	test('stays finite at rewards of ±500', () => {
		for (const w of [-500, 0, 500]) {
			for (const l of [-500, 0, 500]) {
				const { chosen, rejected } = gradientOf(farAt(w, l));
				expect([lossOf(farAt(w, l)), chosen, rejected].every(Number.isFinite)).toBe(true);
			}
		}
	});
});

// Computed apart from this code, in Python floats from σ(x) = 1 / (1 + e^−x).
test.each([
	['dpo', 1, -1, -0.119203, 0.119203],
	['apo_zero', 1, -1, -0.196612, 0.196612],
	['apo_down', 1, -1, 0.091618, 0.104994],
	['dpo', -2, 2, -0.982014, 0.982014],
	['apo_zero', -2, 2, -0.104994, 0.104994],
	['apo_down', -2, 2, 0.087331, 0.017663],
] as const)('%s pulls at (%f, %f) with (%f, %f)', (id, w, l, chosen, rejected) => {
	const gradient = objectiveOf(id).rewardGradientOf(valuesAtRewards(w, l));
	expect(gradient.chosen).toBeCloseTo(chosen, 6);
	expect(gradient.rejected).toBeCloseTo(rejected, 6);
});

test('at step 0 APO-down leaves chosen alone, exactly', () => {
	expect(objectiveOf('apo_down').gradientOf(valuesAtRewards(0, 0)).chosen).toBe(0);
});

test.each([
	['apo_zero', 1],
	['apo_down', 1],
	['dpo', Math.LN2],
	['sft', null],
	['hinge', 1],
	['nca_pair', 2 * Math.LN2],
	['bco_pair', 2 * Math.LN2],
	['simpo', null],
])('the loss of %s at step 0 is %s: known if it depends on the rewards alone', (id, atZero) => {
	expect(objectiveOf(id).atZero).toBe(atZero);
});

test.each([
	['apo_zero', true],
	['apo_down', false],
	['dpo', false],
	['sft', true],
])('%s is separable: %s, by whether each of its terms reads one side', (id, separable) => {
	expect(objectiveOf(id).separable).toBe(separable);
});

test('the terms that read both sides decide the form, and the symbols that they read the axes', () => {
	const ids = (form: ObjectiveForm): string[] =>
		listObjectives()
			.filter((objective) => objective.form === form)
			.map(({ id }) => id)
			.sort();
	expect(ids('pointwise').join(' ')).toBe('apo_zero apo_zero_unpaired bco_pair kto nca_pair sft sppo_hard');
	expect(ids('mixed')).toEqual(['apo_down', 'cpo', 'orpo']);
	const axes = (id: string): [string, boolean] => {
		const { quantity, perToken } = objectiveOf(id).axes;
		return [quantity, perToken];
	};
	expect(axes('dpo')).toEqual(['reward', false]);
	expect(axes('sigmoid_norm')).toEqual(['reward', true]);
	expect(axes('ipo')).toEqual(['logratio', true]);
	expect(axes('simpo')).toEqual(['logp', true]);
	expect(axes('cpo')).toEqual(['logp', false]);
});

test('every registered objective says when to use it, as a condition, and its place in a paper', () => {
	for (const { whenToUse, does, source, equation } of listObjectives()) {
		expect(whenToUse).toMatch(/^Use it .*(when|to see|as the baseline)/);
		expect(does).toMatch(/^(Raises|Lowers|Widens|Moves|Brings) /);
		expect([source, equation]).not.toContain('');
		expect(equation).toBeDefined();
	}
});

test.each([
	['apo_zero', '-beta * slope(r_w)', 'beta * slope(r_l)'],
	['apo_down', 'beta * (slope(r_w) - slope(r_w - r_l))', 'beta * slope(r_w - r_l)'],
	['dpo', '-beta * sigma(r_l - r_w)', 'beta * sigma(r_l - r_w)'],
	['sft', '-1.0 / mean_len_w', '0.0'],
])('the kernels’ gradient of %s is written as it has always been computed', (id, chosen, rejected) => {
	expect(objectiveOf(id).wgsl).toMatchObject({ chosen, rejected });
});

test('the kernels’ helpers are those that the gradient calls', () => {
	expect(objectiveOf('sft').wgsl.helpers).toBe('');
	expect(objectiveOf('apo_zero').wgsl.helpers).toBe(
		`fn sigma(x: f32) -> f32 {
	let e = exp(-abs(x)); return select(e, 1.0, x >= 0.0) / (1.0 + e);
}
fn slope(x: f32) -> f32 {
	return sigma(x) * sigma(-x);
}`,
	);
});

test('inputs are what the loss or the gradient reads', () => {
	expect(objectiveOf('dpo').inputs.toSorted()).toEqual(['beta', 'r_l', 'r_w']);
	expect(objectiveOf('sft').inputs.toSorted()).toEqual(['logp_w', 'mean_len_w']);
});

describe('registering', () => {
	test('makes an objective known, with the defaults of its parameters', () => {
		registerObjective(OWN);
		const { lossOf, gradientOf } = objectiveOf('own');
		expect(lossOf(valuesAtRewards(0.25, 0))).toBe(0.75);
		expect(lossOf({ ...valuesAtRewards(0.25, 0), parameters: { tau: 2 } })).toBe(1.75);
		expect(gradientOf({ ...valuesAtRewards(0.25, 0), beta: 2 })).toEqual({ chosen: -2, rejected: 2 });
	});

	test.each<[Partial<Objective>, RegExp]>([
		[{ id: 'dpo' }, /taken/],
		[{ id: 'my own' }, /not usable/],
		[{ id: '__proto__' }, /not usable/],
		[{ id: 'p1', parameters: { let: { default: 1, min: 0, max: 2, meaning: '' } } }, /parameter let/],
		[{ id: 'p2', parameters: { tau: { default: 3, min: 0, max: 2, meaning: '' } } }, /tau = 3/],
	])('%o is refused', (change, message) => {
		expect(() => registerObjective({ ...OWN, ...change })).toThrow(AppError);
		expect(() => registerObjective({ ...OWN, ...change })).toThrow(message);
	});

	test('a loss that cannot be read is refused, and the id stays free', () => {
		expect(() => registerObjective({ ...OWN, id: 'broken', loss: 'r_w +' })).toThrow(ExpressionError);
		expect(() => objectiveOf('broken')).toThrow(AppError);
	});
});

test.each(['aot', 'toString', '__proto__', ''])(
	'the unknown objective “%s” is refused with the known ones',
	(id) => {
		const refusal = expect.objectContaining({
			code: 'unknown-objective',
			hint: expect.stringContaining('apo_zero, apo_down, dpo, kto') as string,
		}) as Error;
		expect(() => objectiveOf(id)).toThrow(refusal);
	},
);

test('a statistic that the step does not have is named', () => {
	registerObjective({ ...OWN, id: 'with_kl', loss: 'sigma(beta*kl - r_w)' });
	const { lossOf } = objectiveOf('with_kl');
	const { kl, ...withoutKl } = valuesAtRewards(0, 0);
	expect(kl).toBe(0);
	expect(() => lossOf(withoutKl)).toThrow(/reads kl/);
	expect(lossOf({ ...valuesAtRewards(1, 0), kl: 1 })).toBe(0.5);
});
