import { describe, expect, test } from 'vitest';
import { objectiveOf, registerObjective } from '#core/loss/objectives/registry.ts';
import { pairLoss, rewardMetrics, stepZeroLoss } from '#core/loss/pairLoss.ts';
import { logSigmoid, sigmoid } from '#core/math/sigmoid.ts';

describe('a batch', () => {
	const refs = {
		refChosen: [-10, -20],
		refRejected: [-11, -19],
		chosenTokens: [5, 10],
		rejectedTokens: [4, 6],
	};

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
		expect(stepZeroLoss(objectiveOf('sft'), 0.1, refs)).toBeCloseTo(2, 14);
	});

	test('gives objectives the lengths and weights of each pair', () => {
		registerObjective({
			...objectiveOf('dpo'),
			id: 'lengths',
			loss: 'weight_w*logp_w/len_w - weight_l*logp_l/len_l',
		});
		const logps = { ...refs, policyChosen: [-10, -20], policyRejected: [-8, -18] };
		expect([...pairLoss(objectiveOf('lengths'), 0.5, logps).losses]).toEqual([0, 1]);
		const weighted = pairLoss(objectiveOf('lengths'), 0.5, {
			...logps,
			chosenWeights: [1, 0],
			rejectedWeights: [1, 2],
		});
		expect([...weighted.losses]).toEqual([0, 6]);
		expect([...weighted.dChosen]).toEqual([0.1, 0]);
		expect([...weighted.dRejected]).toEqual([-1 / 8, -1 / 6]);
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
		const none = {
			policyChosen: [],
			policyRejected: [],
			refChosen: [],
			refRejected: [],
			chosenTokens: [],
			rejectedTokens: [],
		};
		expect(() => pairLoss(objectiveOf('dpo'), 0.5, none)).toThrow(/at least 1/);
	});
});

test('log σ keeps its digits where σ is 0 or 1', () => {
	expect(logSigmoid(-800)).toBe(-800);
	expect(logSigmoid(40)).toBeCloseTo(-Math.exp(-40), 30);
	expect(logSigmoid(0)).toBe(-Math.LN2);
});
