import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OBJECTIVE_LIST, objectiveOf, type PairContext } from '#core/loss/objectives.ts';
import { pairLoss, rewardMetrics, stepZeroLoss } from '#core/loss/pairLoss.ts';
import { logSigmoid, sigmoid } from '#core/math/sigmoid.ts';
import { OBJECTIVES } from '#core/recipe/recipe.ts';

const reward = fc.double({ min: -8, max: 8, noNaN: true });
const CONTEXT: PairContext = {
	beta: 0.5,
	refChosenLogp: -12,
	refRejectedLogp: -9,
	chosenTokens: 4,
	rejectedTokens: 6,
	meanChosenTokens: 5,
};

test('every objective of the recipe has its record', () => {
	expect(OBJECTIVE_LIST.map(({ id }) => id)).toEqual([...OBJECTIVES]);
	for (const id of OBJECTIVES) expect(objectiveOf(id).id).toBe(id);
});

describe.each(OBJECTIVE_LIST)('$id', (objective) => {
	test('gradient equals central differences of the loss', () => {
		const h = 1e-5;
		fc.assert(
			fc.property(reward, reward, (w, l) => {
				const loss = (x: number, y: number): number => objective.loss(x, y, CONTEXT);
				const gradient = objective.gradient(w, l, CONTEXT);
				expect(gradient.chosen).toBeCloseTo((loss(w + h, l) - loss(w - h, l)) / (2 * h), 7);
				expect(gradient.rejected).toBeCloseTo((loss(w, l + h) - loss(w, l - h)) / (2 * h), 7);
			}),
			{ seed: 1, numRuns: 200 },
		);
	});

	test('stays finite at rewards of ±500', () => {
		for (const w of [-500, 0, 500]) {
			for (const l of [-500, 0, 500]) {
				const { chosen, rejected } = objective.gradient(w, l);
				expect([objective.loss(w, l), chosen, rejected].every(Number.isFinite)).toBe(true);
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
	const gradient = objectiveOf(id).gradient(w, l);
	expect(gradient.chosen).toBeCloseTo(chosen, 6);
	expect(gradient.rejected).toBeCloseTo(rejected, 6);
});

test('at step 0 APO-down leaves chosen alone, exactly', () => {
	expect(objectiveOf('apo_down').gradient(0, 0).chosen).toBe(0);
});

describe('a batch', () => {
	const refs = { refChosen: [-10, -20], refRejected: [-11, -19] };

	test('is the mean over its pairs, and its gradient that of the mean', () => {
		const logps = { ...refs, policyChosen: [-9, -22], policyRejected: [-12, -18] };
		const whole = pairLoss(objectiveOf('apo_zero'), 0.5, logps);
		expect(whole.loss).toBeCloseTo((sigmoid(-0.5) + sigmoid(-0.5) + sigmoid(1) + sigmoid(0.5)) / 2, 14);
		const h = 1e-5;
		const moved = (d: number): number =>
			pairLoss(objectiveOf('apo_zero'), 0.5, { ...logps, policyChosen: [-9 + d, -22] }).loss;
		expect(whole.dChosen[0]).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 9);
	});

	test('of SFT is the mean over all chosen tokens, not over pairs', () => {
		const logps = { ...refs, policyChosen: [-9, -22], policyRejected: [-12, -18], chosenTokens: [2, 8] };
		const result = pairLoss(objectiveOf('sft'), 0.5, logps);
		expect(result.loss).toBeCloseTo(31 / 10, 14);
		expect([...result.dChosen]).toEqual([-0.1, -0.1]);
		expect([...result.dRejected]).toEqual([0, 0]);
	});

	test('has the loss of step 0 where policy and reference agree', () => {
		expect(stepZeroLoss(objectiveOf('apo_zero'), 0.1, refs)).toBe(1);
		expect(stepZeroLoss(objectiveOf('apo_down'), 0.1, refs)).toBe(1);
		expect(stepZeroLoss(objectiveOf('dpo'), 0.1, refs)).toBe(Math.LN2);
		expect(stepZeroLoss(objectiveOf('sft'), 0.1, { ...refs, chosenTokens: [5, 10] })).toBeCloseTo(2, 14);
	});

	test('counts a tie as no win', () => {
		const logps = { ...refs, policyChosen: [-10, -19], policyRejected: [-11, -19] };
		const metrics = rewardMetrics(pairLoss(objectiveOf('dpo'), 0.5, logps), logps);
		expect(metrics['rewards/accuracies']).toBe(0.5);
		expect(metrics['rewards/margins']).toBe(0.25);
		expect(metrics['logps/chosen']).toBe(-14.5);
	});

	test('names the lists whose lengths differ', () => {
		const logps = { ...refs, policyChosen: [-9], policyRejected: [-12, -18] };
		expect(() => pairLoss(objectiveOf('dpo'), 0.5, logps)).toThrow(/policyChosen 1/);
		const none = { policyChosen: [], policyRejected: [], refChosen: [], refRejected: [] };
		expect(() => pairLoss(objectiveOf('dpo'), 0.5, none)).toThrow(/at least 1/);
	});
});

test('log σ keeps its digits where σ is 0 or 1', () => {
	expect(logSigmoid(-800)).toBe(-800);
	expect(logSigmoid(40)).toBeCloseTo(-Math.exp(-40), 30);
	expect(logSigmoid(0)).toBe(-Math.LN2);
});
