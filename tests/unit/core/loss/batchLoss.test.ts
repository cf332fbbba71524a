import { describe, expect, test } from 'vitest';
import { stepStatistics } from '#core/batch/segments.ts';
import {
	exampleLosses,
	implicitRewards,
	mean,
	rewardMetrics,
	segmentGradients,
	type SegmentLogps,
} from '#core/loss/batchLoss.ts';
import type { StepValues } from '#core/loss/example.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { logSigmoid, sigmoid } from '#core/math/sigmoid.ts';
import { pairedSegments, withoutPartners } from '#tests/support/segments.ts';
import { compileLoss } from '#tests/support/trlObjectives.ts';

const apoZero = objectiveOf('apo_zero');
const segments = pairedSegments({ chosen: [5, 10], rejected: [4, 6] });
const reference = [-10, -11, -20, -19];
const step: StepValues = { beta: 0.5, ...stepStatistics([segments]) };
const at = (policy: number[]): SegmentLogps => ({ segments, reference, policy });

describe('pairs', () => {
	test('have the loss of their rewards, and its gradient', () => {
		const policy = [-9, -12, -22, -18];
		const losses = exampleLosses(apoZero, step, at(policy));
		expect(losses[0]).toBeCloseTo(sigmoid(-0.5) + sigmoid(-0.5), 14);
		expect(losses[1]).toBeCloseTo(sigmoid(1) + sigmoid(0.5), 14);
		const h = 1e-5;
		const gradients = segmentGradients(objectiveOf('dpo'), step, at(policy));
		for (const [s, gradient] of gradients.entries()) {
			const moved = (d: number): number[] =>
				exampleLosses(objectiveOf('dpo'), step, at(policy.map((x, i) => (i === s ? x + d : x))));
			expect(gradient).toBeCloseTo((2 * (mean(moved(h)) - mean(moved(-h)))) / (2 * h), 9);
		}
	});

	test('under SFT have a mean over all chosen tokens, not over pairs', () => {
		const logps = {
			...at([-9, -12, -22, -18]),
			segments: pairedSegments({ chosen: [2, 8], rejected: [4, 6] }),
		};
		expect(mean(exampleLosses(objectiveOf('sft'), { beta: 0.5, mean_len_w: 5 }, logps))).toBeCloseTo(3.1, 14);
		expect([...segmentGradients(objectiveOf('sft'), { beta: 0.5, mean_len_w: 5 }, logps)]).toEqual([
			-0.2, 0, -0.2, 0,
		]);
	});

	test('give an objective their own lengths, weights and the parameters of the step', () => {
		const objective = compileLoss('weight_w*logp_w/len_w - tau*weight_l*logp_l/len_l', { tau: 1 });
		const weights = { chosen: [1, 0], rejected: [1, 2] };
		const weighted = pairedSegments({ chosen: [5, 10], rejected: [4, 6] }, weights);
		const logps = { segments: weighted, reference, policy: [-10, -8, -20, -18] };
		expect(exampleLosses(objective, step, logps)).toEqual([0, 6]);
		expect([...segmentGradients(objective, step, logps)]).toEqual([0.2, -1 / 4, 0, -1 / 3]);
		expect(exampleLosses(objective, { ...step, parameters: { tau: 3 } }, logps)).toEqual([4, 18]);
	});

	test('count a tie as no win', () => {
		const logps = at([-10, -11, -19, -19]);
		const metrics = rewardMetrics(logps, implicitRewards(0.5, logps));
		expect(metrics).toEqual({
			'rewards/chosen': 0.25,
			'rewards/rejected': 0,
			'rewards/margins': 0.25,
			'rewards/accuracies': 0.5,
			'logps/chosen': -14.5,
			'logps/rejected': -15,
		});
	});
});

describe('unpaired completions', () => {
	const weights = { chosen: [1, 2], rejected: [0.5, 3] };
	const pairs = pairedSegments({ chosen: [5, 10], rejected: [4, 6] }, weights);
	const logps = { segments: withoutPartners(pairs), reference, policy: [-9, -12, -22, -18] };

	test('have the term of their label, times their weight', () => {
		const terms = [sigmoid(-0.5), 0.5 * sigmoid(-0.5), 2 * sigmoid(1), 3 * sigmoid(0.5)];
		expect(exampleLosses(apoZero, step, logps)).toEqual(
			terms.map((term): unknown => expect.closeTo(term, 14)),
		);
		const paired = segmentGradients(apoZero, step, { ...logps, segments: pairs });
		const unpaired = [paired[0]!, 0.5 * paired[1]!, 2 * paired[2]!, 3 * paired[3]!];
		expect([...segmentGradients(apoZero, step, logps)]).toEqual(unpaired);
	});

	test('have their weight once, whether or not the text names it', () => {
		const named = compileLoss('weight_w*(1 - sigma(r_w)) + weight_l*sigma(r_l)');
		expect(exampleLosses(named, step, logps)).toEqual(exampleLosses(apoZero, step, logps));
		expect(segmentGradients(named, step, logps)).toEqual(segmentGradients(apoZero, step, logps));
	});

	test('share what belongs to neither side', () => {
		const shared = compileLoss('2 - sigma(r_w) - sigma(-r_l)');
		expect(exampleLosses(shared, step, logps)).toEqual(
			exampleLosses(apoZero, step, logps).map((loss): unknown => expect.closeTo(loss, 14)),
		);
	});

	test('have no loss under an objective that compares two completions', () => {
		for (const id of ['dpo', 'apo_down']) {
			expect(() => exampleLosses(objectiveOf(id), step, logps)).toThrow(/have no partner/);
			expect(() => segmentGradients(objectiveOf(id), step, logps)).toThrow(/have no partner/);
		}
	});

	test('have means over those of a label, their difference as margin, and no accuracy', () => {
		expect(rewardMetrics(logps, [0.5, -0.5, -1, 1.5])).toEqual({
			'rewards/chosen': -0.25,
			'rewards/rejected': 0.5,
			'rewards/margins': -0.75,
			'rewards/accuracies': NaN,
			'logps/chosen': -15.5,
			'logps/rejected': -15,
		});
	});
});

test('log σ keeps its digits where σ is 0 or 1', () => {
	expect(logSigmoid(-800)).toBe(-800);
	expect(logSigmoid(40)).toBeCloseTo(-Math.exp(-40), 30);
	expect(logSigmoid(0)).toBe(-Math.LN2);
});
