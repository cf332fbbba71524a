/**
 * The (r_w, r_l) plane for every objective. A point of the plane fixes the two rewards. An objective may read more: lengths, the
 * reference's log-probabilities, the KL divergence. A {@link PlaneSetting} says which values those have at a point.
 */
import type { CompiledObjective, Sides } from './objective.ts';
import type { Values } from './values.ts';

export interface PlaneSetting {
	/** Unitless, > 0. */
	readonly beta: number;
	/** Predicted tokens of a completion. */
	readonly lengths: Sides<number>;
	/** log π_ref of one token of a completion, nats, ≤ 0. */
	readonly reference: Sides<number>;
}

/** Used before a run has measured its own values. */
export const ASSUMED_SETTING: PlaneSetting = {
	beta: 0.1,
	lengths: { chosen: 20, rejected: 20 },
	reference: { chosen: -1, rejected: -1 },
};

/** KL(π_θ ‖ π_ref) at every point of the plane: its value before the first step, nats. */
const KL = 0;

/**
 * All values at a point of the plane.
 *
 * @param lengths of the pair at the point; those of the setting for a point that belongs to no pair
 */
export function planeValues(
	{ beta, lengths: mean, reference }: PlaneSetting,
	{ chosen, rejected }: Sides<number>,
	lengths: Sides<number> = mean,
): Values {
	const [ref_w, ref_l] = [reference.chosen * lengths.chosen, reference.rejected * lengths.rejected];
	return {
		logp_w: ref_w + chosen / beta,
		logp_l: ref_l + rejected / beta,
		ref_w,
		ref_l,
		len_w: lengths.chosen,
		len_l: lengths.rejected,
		mean_len_w: mean.chosen,
		beta,
		kl: KL,
	};
}

/** Groups of values that the rewards do not determine. */
export interface PlaneNeeds {
	readonly lengths: boolean;
	/** The objective reads log-probabilities themselves, not only their change from the reference. */
	readonly reference: boolean;
	readonly kl: boolean;
}

const LENGTHS: ReadonlySet<string> = new Set(['len_w', 'len_l', 'mean_len_w']);
const LOGPS: ReadonlySet<string> = new Set(['logp_w', 'logp_l', 'ref_w', 'ref_l']);

/** The values of a {@link PlaneSetting} that the objective reads. */
export function planeNeeds({ inputs, axes }: Pick<CompiledObjective, 'inputs' | 'axes'>): PlaneNeeds {
	return {
		lengths: inputs.some((name) => LENGTHS.has(name)),
		// In a log-ratio the reference cancels.
		reference: axes.quantity !== 'logratio' && inputs.some((name) => LOGPS.has(name)),
		kl: inputs.includes('kl'),
	};
}

/** Loss and gradient by the rewards at a point of the plane; NaN and ±Infinity if the formula has no finite value there. */
export interface PlaneReading {
	readonly loss: number;
	readonly gradient: Sides<number>;
}

/** An answer with a log-probability closer to 0 than this is certain. */
const CERTAIN = 1e-6;

/**
 * @returns null if the objective reads log-probabilities and one of them is not below 0 at the point: no answer is likelier than certain
 */
export function readPlane(
	objective: CompiledObjective,
	setting: PlaneSetting,
	point: Sides<number>,
	lengths?: Sides<number>,
): PlaneReading | null {
	const values = planeValues(setting, point, lengths);
	if (planeNeeds(objective).reference && Math.max(values.logp_w, values.logp_l) > -CERTAIN) return null;
	return { loss: objective.lossOf(values), gradient: objective.rewardGradientOf(values) };
}

/** The rewards at which an answer of the setting is certain: log π_θ = 0. No answer gets a larger reward. */
export function largestRewards({ beta, lengths, reference }: PlaneSetting): Sides<number> {
	return {
		chosen: -beta * reference.chosen * lengths.chosen,
		rejected: -beta * reference.rejected * lengths.rejected,
	};
}
