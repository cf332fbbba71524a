/** An objective at one pair of a run, of which the rewards are known but not the log-probabilities themselves. */
import type { CompiledObjective, Sides } from './objective.ts';
import type { ObjectiveSettings } from './settings.ts';
import { valuesAtRewards, type Values } from './values.ts';

/** Completion lengths, in predicted tokens. */
export interface PairLengths extends Sides<number> {
	/** Mean length of the chosen answers of the pair's step. */
	readonly meanChosen: number;
}

/** The settings that the values of a pair depend on. */
type PairSettings = Pick<ObjectiveSettings, 'beta' | 'parameters'>;

const LENGTHS: ReadonlySet<string> = new Set(['len_w', 'len_l', 'mean_len_w']);
/** Symbols whose values the page does not have. */
const UNKNOWN: ReadonlySet<string> = new Set(['logp_w', 'logp_l', 'ref_w', 'ref_l']);

/**
 * The push of one step of gradient descent on a pair: −∂loss/∂r of each side, or −∂loss/∂logp if the loss reads no reward, as the
 * page writes the formula.
 *
 * @param lengths null if they are not known
 * @param kl      the drift of the pair's step; null if it is not known
 * @returns null if the gradient reads a value that is not known
 */
export function pushAt(
	objective: CompiledObjective,
	settings: PairSettings,
	rewards: Sides<number>,
	lengths: PairLengths | null,
	kl: number | null = null,
): Sides<number> | null {
	if (!isKnown(objective.gradientInputs, lengths, kl)) return null;
	const { gradientOf, rewardGradientOf, inputs } = objective;
	const byReward = inputs.includes('r_w') || inputs.includes('r_l');
	const { chosen, rejected } = (byReward ? rewardGradientOf : gradientOf)(
		valuesOf(settings, rewards, lengths, kl ?? 0),
	);
	// 0 − x, because −x of 0 is −0.
	return { chosen: 0 - chosen, rejected: 0 - rejected };
}

/** The loss of a pair; null if it depends on more than the rewards and the recipe's parameters. */
export function lossAt(
	objective: CompiledObjective,
	settings: PairSettings,
	rewards: Sides<number>,
): number | null {
	return objective.atZero === null ? null : objective.lossOf(valuesOf(settings, rewards, null, 0));
}

function isKnown(symbols: readonly string[], lengths: PairLengths | null, kl: number | null): boolean {
	return !symbols.some(
		(name) => UNKNOWN.has(name) || (lengths === null && LENGTHS.has(name)) || (kl === null && name === 'kl'),
	);
}

function valuesOf(
	{ beta, parameters = {} }: PairSettings,
	{ chosen, rejected }: Sides<number>,
	lengths: PairLengths | null,
	kl: number,
): Values {
	return {
		...valuesAtRewards(chosen / beta, rejected / beta),
		beta,
		parameters,
		kl,
		...(lengths && { len_w: lengths.chosen, len_l: lengths.rejected, mean_len_w: lengths.meanChosen }),
	};
}
