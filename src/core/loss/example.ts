/**
 * One example under an objective, in f64: a pair, or one completion with a label.
 *
 * An unpaired completion needs a separable objective. It also takes the place of the completion that is missing, which its own
 * term does not depend on, and its weight is a factor of that term.
 */
import { segmentAt, type ExampleSegments, type Segments, type StepStatistics } from '../batch/segments.ts';
import { at } from '../math/at.ts';

/** What an objective may read of a completion. */
export interface CompletionValues {
	/** log π_θ and log π_ref, summed over tokens, nats. */
	logp: number;
	ref: number;
	/** Predicted tokens. */
	length: number;
	weight: number;
}

/**
 * What an objective may read of the step, by symbol: β, its own parameters and the statistics. Also `kl`, an estimate of
 * KL(π_θ ‖ π_ref) in nats and ≥ 0, if the trainer has measured one.
 */
export interface StepValues extends StepStatistics {
	readonly beta: number;
	readonly [symbol: string]: number;
}

export type SymbolValues = Readonly<Record<string, number>>;

export interface GradientObjective {
	readonly id: string;
	/** Symbols that the loss reads. */
	readonly inputs: readonly string[];
	/** The loss is a sum of a term of the chosen and a term of the rejected completion. */
	readonly separable: boolean;
	gradientOf(values: SymbolValues): { chosen: number; rejected: number };
	lossOf(values: SymbolValues): number;
	/** The terms of a separable loss. */
	termsOf(values: SymbolValues): { chosen: number; rejected: number };
	readonly wgsl: { readonly helpers: string; readonly chosen: string; readonly rejected: string };
}

/** The symbols of a pair. */
export function pairValues(step: StepValues, w: CompletionValues, l: CompletionValues): SymbolValues {
	return {
		...step,
		r_w: step.beta * (w.logp - w.ref),
		r_l: step.beta * (l.logp - l.ref),
		logp_w: w.logp,
		logp_l: l.logp,
		ref_w: w.ref,
		ref_l: l.ref,
		len_w: w.length,
		len_l: l.length,
		weight_w: w.weight,
		weight_l: l.weight,
	};
}

/** The completions of an example; null for the one that an unpaired example lacks. */
export interface ExampleValues {
	readonly chosen: CompletionValues | null;
	readonly rejected: CompletionValues | null;
}

/** What the segments of a batch, with their log-probabilities [S], hold of one example. */
export function exampleValues(
	segments: Segments,
	logps: ArrayLike<number>,
	reference: ArrayLike<number>,
	{ chosen, rejected }: ExampleSegments,
): ExampleValues {
	const completion = (s: number): CompletionValues => {
		const { length, weight } = segmentAt(segments, s);
		return { logp: at(logps, s), ref: at(reference, s), length, weight };
	};
	return {
		chosen: chosen === null ? null : completion(chosen),
		rejected: rejected === null ? null : completion(rejected),
	};
}

/** Numbers of the two sides; 0 for the side that an unpaired example lacks. */
export interface SideValues {
	chosen: number;
	rejected: number;
}

/** Loss of one example. */
export function exampleLoss(
	objective: GradientObjective,
	step: StepValues,
	{ chosen, rejected }: ExampleValues,
): number {
	if (chosen !== null && rejected !== null) return objective.lossOf(pairValues(step, chosen, rejected));
	const terms = unpairedTerms(step, chosen, rejected, (values) => objective.termsOf(values));
	return terms.chosen + terms.rejected;
}

/** ∂loss/∂logp of the completions of one example. */
export function exampleGradient(
	objective: GradientObjective,
	step: StepValues,
	{ chosen, rejected }: ExampleValues,
): SideValues {
	if (chosen !== null && rejected !== null) return objective.gradientOf(pairValues(step, chosen, rejected));
	return unpairedTerms(step, chosen, rejected, (values) => objective.gradientOf(values));
}

function unpairedTerms(
	step: StepValues,
	chosen: CompletionValues | null,
	rejected: CompletionValues | null,
	termsOf: (values: SymbolValues) => SideValues,
): SideValues {
	const own = chosen ?? rejected;
	if (own === null) return { chosen: 0, rejected: 0 };
	const unweighted = { ...own, weight: 1 };
	const terms = termsOf(pairValues(step, unweighted, unweighted));
	return chosen === null
		? { chosen: 0, rejected: own.weight * terms.rejected }
		: { chosen: own.weight * terms.chosen, rejected: 0 };
}
