/**
 * The registered objectives and the expression language against TRL: every objective of TRL that is a function of one pair, value and gradient, over 24 pairs
 * (realistic, equal, extreme ±500) at every β and setting of losses.json.
 */
import { describe, expect } from 'vitest';
import type { Values } from '#core/loss/objectives/values.ts';
import { goldenJson, goldenNumber, goldenTest } from '#tests/support/goldens.ts';
import { TRL_OBJECTIVES } from '#tests/support/trlObjectives.ts';

type Numbers = (number | string)[];

interface Entry {
	loss: string;
	beta: number;
	label_smoothing?: number;
	simpo_gamma?: number | null;
	kl_used?: number;
	desirable_weight?: number;
	undesirable_weight?: number;
	/** One loss per pair or, for unpaired rows, per side, before the weights. */
	losses?: Numbers;
	chosen_losses?: number[];
	rejected_losses?: number[];
	grad_policy_chosen_logps: Numbers;
	grad_policy_rejected_logps: Numbers;
	grad_wrt?: 'summed logps' | 'averaged logps';
}

interface Losses {
	inputs: Record<string, number[]>;
	results: Entry[];
}

const FILE = 'losses.json';

/** Relative above 1, absolute below. TRL computes ORPO, and EXO's logarithms of ε, in float32. */
const TOLERANCE = 1e-12;
const FLOAT32: ReadonlyMap<string, number> = new Map([
	['orpo', 2e-7],
	['exo_pair', 2e-7],
]);

const difference = (ours: number, theirs: number): number =>
	Math.abs(ours - theirs) / Math.max(1, Math.abs(theirs));

function pairsOf(inputs: Losses['inputs']): Omit<Values, 'beta'>[] {
	const list = (name: string): number[] => inputs[name] ?? [];
	const lengths = list('chosen_lengths');
	const mean_len_w = lengths.reduce((sum, n) => sum + n, 0) / lengths.length;
	return lengths.map((len_w, i) => ({
		logp_w: list('policy_chosen_logps')[i]!,
		logp_l: list('policy_rejected_logps')[i]!,
		ref_w: list('ref_chosen_logps')[i]!,
		ref_l: list('ref_rejected_logps')[i]!,
		len_w,
		len_l: list('rejected_lengths')[i]!,
		mean_len_w,
	}));
}

/** Settings of the entry, in our names. */
function settingsOf(entry: Entry): Pick<Values, 'beta' | 'kl' | 'weight_w' | 'weight_l' | 'parameters'> {
	const gamma = entry.simpo_gamma ?? null;
	return {
		beta: entry.beta,
		kl: entry.kl_used ?? 0,
		weight_w: entry.desirable_weight ?? 1,
		weight_l: entry.undesirable_weight ?? 1,
		// TRL's losses are without the cross-entropy that CPO and ORPO add.
		parameters: { epsilon: entry.label_smoothing ?? 0, alpha: 0, ...(gamma === null ? {} : { gamma }) },
	};
}

/** TRL's loss of pair i; for unpaired data the mean of its rows. */
function lossOf(entry: Entry, i: number): number {
	if (entry.losses) return goldenNumber(entry.losses[i]!);
	const [chosen, rejected] = [entry.chosen_losses![i]!, entry.rejected_losses![i]!];
	return (entry.desirable_weight! * chosen + entry.undesirable_weight! * rejected) / 2;
}

function compare(entry: Entry, pairs: readonly Omit<Values, 'beta'>[], tolerance: number): void {
	const objective = TRL_OBJECTIVES.get(entry.loss)!;
	// TRL's gradients are those of the mean over pairs; for unpaired data over rows, and a pair is the mean of two.
	const rows = pairs.length;
	const averaged = entry.grad_wrt === 'averaged logps';
	for (const [i, pair] of pairs.entries()) {
		const values = { ...pair, ...settingsOf(entry) };
		const { chosen, rejected } = objective.gradientOf(values);
		const found: [string, number, number][] = [
			['loss', objective.lossOf(values), lossOf(entry, i)],
			[
				'chosen',
				averaged ? chosen * pair.len_w : chosen,
				rows * goldenNumber(entry.grad_policy_chosen_logps[i]!),
			],
			[
				'rejected',
				averaged ? rejected * pair.len_l : rejected,
				rows * goldenNumber(entry.grad_policy_rejected_logps[i]!),
			],
		];
		for (const [what, ours, theirs] of found) {
			const where = `${what} of pair ${i} at β = ${entry.beta}`;
			// DiscoPOP's exponential overflows in TRL; here it stays a number.
			if (Number.isNaN(theirs)) expect(ours, where).toSatisfy(Number.isFinite);
			else expect(difference(ours, theirs), where).toBeLessThanOrEqual(tolerance);
		}
	}
}

describe('equals TRL', () => {
	for (const name of TRL_OBJECTIVES.keys()) {
		if (name === 'sft') continue;
		goldenTest(name, [FILE], () => {
			const { inputs, results } = goldenJson<Losses>(FILE);
			const entries = results.filter(({ loss }) => loss === name);
			expect(entries.length).toBeGreaterThan(0);
			const pairs = pairsOf(inputs);
			for (const entry of entries) compare(entry, pairs, FLOAT32.get(name) ?? TOLERANCE);
		});
	}
});
