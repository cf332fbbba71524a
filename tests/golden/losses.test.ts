/** Every objective of the core against TRL: 24 pairs (realistic, equal, extreme ±500) at every β. */
import { describe, expect } from 'vitest';
import { stepStatistics } from '#core/batch/segments.ts';
import {
	exampleLosses,
	implicitRewards,
	mean,
	rewardMetrics,
	segmentGradients,
	type SegmentLogps,
} from '#core/loss/batchLoss.ts';
import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import type { ObjectiveSettings } from '#core/loss/objectives/settings.ts';
import { listObjectives } from '#core/loss/objectives/registry.ts';
import { goldenJson, goldenNumber, goldenTest } from '#tests/support/goldens.ts';
import { interleaved, pairedSegments, withoutPartners } from '#tests/support/segments.ts';
import { TRL_OBJECTIVES } from '#tests/support/trlObjectives.ts';

interface Entry {
	loss: string;
	trainer: string;
	beta: number;
	label_smoothing?: number;
	mean_loss: number | string;
	chosen_rewards: number[];
	rejected_rewards: number[];
	grad_policy_chosen_logps: number[];
	grad_policy_rejected_logps: number[];
}

interface PairEntry extends Entry {
	losses: (number | string)[];
	accuracy: number;
	margin: number;
}

interface UnpairedEntry extends Entry {
	/** Before the weights are applied. */
	chosen_losses: number[];
	rejected_losses: number[];
	desirable_weight: number;
	undesirable_weight: number;
	kl_used: number;
}

interface Losses {
	inputs: Record<string, number[]>;
	results: (PairEntry | UnpairedEntry)[];
}

const FILE = 'losses.json';
/** Both sides compute in f64; only the order of some operations differs. Relative above 1, else absolute. */
const TOLERANCE = 1e-12;
/** TRL computes EXO's logarithms of ε in float32. */
const FLOAT32 = 2e-7;

function worst(ours: ArrayLike<number>, theirs: readonly (number | string)[]): number {
	expect(ours.length).toBe(theirs.length);
	return Math.max(
		...theirs.map((value, i) => {
			const reference = goldenNumber(value);
			// DiscoPOP's exponential overflows in TRL; here it stays a number.
			if (Number.isNaN(reference)) return Number.isFinite(ours[i]) ? 0 : NaN;
			return Math.abs((ours[i] ?? NaN) - reference) / Math.max(1, Math.abs(reference));
		}),
	);
}

/** The pairs of the file. */
function logpsOf(inputs: Losses['inputs']): SegmentLogps {
	const list = (name: string): number[] => inputs[name] ?? [];
	return {
		segments: pairedSegments({ chosen: list('chosen_lengths'), rejected: list('rejected_lengths') }),
		policy: interleaved(list('policy_chosen_logps'), list('policy_rejected_logps')),
		reference: interleaved(list('ref_chosen_logps'), list('ref_rejected_logps')),
	};
}

describe('objectives equal TRL', () => {
	const inDpoTrainer = listObjectives().filter(
		({ id, trlTrainer }) => id !== 'sft' && trlTrainer === undefined,
	);
	for (const registered of inDpoTrainer) {
		goldenTest(`${registered.id} at every β`, [FILE], () => {
			const { inputs, results } = goldenJson<Losses>(FILE);
			const entries = results.filter(
				(entry): entry is PairEntry => entry.loss === registered.trlName && entry.trainer === 'DPOTrainer',
			);
			expect(entries.length).toBeGreaterThan(0);
			const logps = logpsOf(inputs);
			for (const entry of entries) {
				const settings = settingsOf(registered, entry);
				const objective = objectiveFor(settings);
				const step = { ...settings, ...stepStatistics([logps.segments]) };
				const tolerance = registered.id === 'exo_pair' ? FLOAT32 : TOLERANCE;
				const losses = exampleLosses(objective, step, logps);
				const rewards = implicitRewards(entry.beta, logps);
				const metrics = rewardMetrics(logps, rewards);
				if (Number.isFinite(entry.mean_loss))
					expect(worst([mean(losses)], [entry.mean_loss])).toBeLessThanOrEqual(tolerance);
				expect(worst(losses, entry.losses)).toBeLessThanOrEqual(tolerance);
				expect(worst(rewards, rewardsOf(entry))).toBeLessThanOrEqual(TOLERANCE);
				const gradients = segmentGradients(objective, step, logps).map((d) => d / losses.length);
				expect(worst(gradients, gradientsOf(entry))).toBeLessThanOrEqual(tolerance);
				expect(worst([metrics['rewards/margins']], [entry.margin])).toBeLessThanOrEqual(TOLERANCE);
				// TRL counts wins in float32.
				expect(Math.abs(metrics['rewards/accuracies'] - entry.accuracy)).toBeLessThan(1e-7);
				if (objective.atZero === null) continue;
				const untrained = { ...logps, policy: logps.reference };
				expect(mean(exampleLosses(objective, step, untrained))).toBeCloseTo(objective.atZero, 14);
			}
		});
	}
});

function settingsOf({ id, parameters }: CompiledObjective, entry: Entry): ObjectiveSettings {
	const epsilon = entry.label_smoothing ?? 0;
	return { id, beta: entry.beta, ...(parameters?.['epsilon'] ? { parameters: { epsilon } } : {}) };
}

const rewardsOf = (entry: Entry): number[] => interleaved(entry.chosen_rewards, entry.rejected_rewards);
const gradientsOf = (entry: Entry): number[] =>
	interleaved(entry.grad_policy_chosen_logps, entry.grad_policy_rejected_logps);

describe('unpaired objectives equal TRL', () => {
	for (const name of ['kto', 'apo_zero_unpaired']) {
		goldenTest(`${name} at every β, estimate of KL and pair of weights`, [FILE], () => {
			const { inputs, results } = goldenJson<Losses>(FILE);
			const entries = results.filter(
				(entry): entry is UnpairedEntry => entry.loss === name && entry.trainer === 'KTOTrainer',
			);
			expect(entries.length).toBeGreaterThan(0);
			const pairs = logpsOf(inputs);
			const objective = TRL_OBJECTIVES.get(name)!;
			for (const entry of entries) {
				const { desirable_weight: w, undesirable_weight: l } = entry;
				const weights = pairs.segments.weights.map((_, s) => (s % 2 === 0 ? w : l));
				const logps = { ...pairs, segments: { ...withoutPartners(pairs.segments), weights } };
				const step = { beta: entry.beta, kl: entry.kl_used, ...stepStatistics([logps.segments]) };
				const losses = exampleLosses(objective, step, logps);
				const wanted = interleaved(entry.chosen_losses, entry.rejected_losses);
				// Segments hold weights as float32.
				const tolerance = weights.includes(w) ? TOLERANCE : 2 ** -24;
				expect(
					worst(
						losses,
						wanted.map((loss, s) => loss * weights[s]!),
					),
				).toBeLessThanOrEqual(TOLERANCE);
				expect(worst([mean(losses)], [entry.mean_loss])).toBeLessThanOrEqual(tolerance);
				expect(worst(implicitRewards(entry.beta, logps), rewardsOf(entry))).toBeLessThanOrEqual(TOLERANCE);
				const gradients = segmentGradients(objective, step, logps).map((d) => d / losses.length);
				expect(worst(gradients, gradientsOf(entry))).toBeLessThanOrEqual(tolerance);
			}
		});
	}
});
