/** Every objective of the core against TRL's own numbers: 24 pairs (realistic, equal, extreme ±500) at every β. */
import { describe, expect } from 'vitest';
import { listObjectives } from '#core/loss/objectives/registry.ts';
import { pairLoss, rewardMetrics, stepZeroLoss } from '#core/loss/pairLoss.ts';
import { goldenJson, goldenNumber, goldenTest } from '#tests/support/goldens.ts';

interface Entry {
	loss: string;
	trainer: string;
	beta: number;
	label_smoothing?: number;
	mean_loss: number | string;
	losses: (number | string)[];
	chosen_rewards: number[];
	rejected_rewards: number[];
	grad_policy_chosen_logps: number[];
	grad_policy_rejected_logps: number[];
	accuracy: number;
	margin: number;
}

interface Losses {
	inputs: Record<string, number[]>;
	results: Entry[];
}

const FILE = 'losses.json';
/** Both sides compute in f64; what differs is the order of a few operations. Relative above 1, absolute below. */
const TOLERANCE = 1e-12;

function worst(ours: ArrayLike<number>, theirs: readonly (number | string)[]): number {
	expect(ours.length).toBe(theirs.length);
	return Math.max(
		...theirs.map((value, i) => {
			const reference = goldenNumber(value);
			return Math.abs((ours[i] ?? NaN) - reference) / Math.max(1, Math.abs(reference));
		}),
	);
}

describe('objectives equal TRL', () => {
	for (const objective of listObjectives().filter(({ id }) => id !== 'sft')) {
		goldenTest(`${objective.id} at every β`, [FILE], () => {
			const { inputs, results } = goldenJson<Losses>(FILE);
			const entries = results.filter(
				({ loss, trainer, label_smoothing }) =>
					loss === objective.trlName && trainer === 'DPOTrainer' && (label_smoothing ?? 0) === 0,
			);
			expect(entries.length).toBeGreaterThan(0);
			const logps = {
				policyChosen: inputs['policy_chosen_logps'] ?? [],
				policyRejected: inputs['policy_rejected_logps'] ?? [],
				refChosen: inputs['ref_chosen_logps'] ?? [],
				refRejected: inputs['ref_rejected_logps'] ?? [],
				chosenTokens: inputs['chosen_lengths'] ?? [],
				rejectedTokens: inputs['rejected_lengths'] ?? [],
			};
			for (const entry of entries) {
				const ours = pairLoss(objective, entry.beta, logps);
				const metrics = rewardMetrics(ours, logps);
				expect(worst([ours.loss], [entry.mean_loss])).toBeLessThanOrEqual(TOLERANCE);
				expect(worst(ours.losses, entry.losses)).toBeLessThanOrEqual(TOLERANCE);
				expect(worst(ours.chosenReward, entry.chosen_rewards)).toBeLessThanOrEqual(TOLERANCE);
				expect(worst(ours.rejectedReward, entry.rejected_rewards)).toBeLessThanOrEqual(TOLERANCE);
				expect(worst(ours.dChosen, entry.grad_policy_chosen_logps)).toBeLessThanOrEqual(TOLERANCE);
				expect(worst(ours.dRejected, entry.grad_policy_rejected_logps)).toBeLessThanOrEqual(TOLERANCE);
				expect(worst([metrics['rewards/margins']], [entry.margin])).toBeLessThanOrEqual(TOLERANCE);
				// TRL counts wins in float32.
				expect(Math.abs(metrics['rewards/accuracies'] - entry.accuracy)).toBeLessThan(1e-7);
				if (objective.atZero !== null) {
					expect(stepZeroLoss(objective, entry.beta, logps)).toBe(objective.atZero);
				}
			}
		});
	}
});
