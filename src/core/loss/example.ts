/**
 * One example under an objective, in f64: a pair, or one completion with a label.
 *
 * An unpaired completion needs a separable objective. Its term does not depend on the missing completion, so
 * it fills that place too; its weight is a factor of the term.
 */
import { segmentAt, type ExampleSegments, type Segments } from '../batch/segments.ts';
import { ShapeError } from '../errors.ts';
import { at } from '../math/at.ts';
import type { CompiledObjective, Sides } from './objectives/objective.ts';
import type { Values } from './objectives/values.ts';

/** Values of the whole step that an objective may read. */
export type StepValues = Pick<Values, 'beta' | 'mean_len_w' | 'kl' | 'parameters'>;

/** Values of a completion that an objective may read. */
export interface CompletionValues {
	/** log π_θ and log π_ref, nats, summed over tokens. */
	readonly logp: number;
	readonly ref: number;
	/** Predicted tokens. */
	readonly length: number;
	readonly weight: number;
}

/** The completions of an example; null for the missing completion of an unpaired example. */
export type ExampleValues = Sides<CompletionValues | null>;

/** The values of one example of a batch. @param logps [S] @param reference [S] */
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

/** @throws ShapeError `example-unpaired` if the objective needs the completion that is missing */
export function exampleLoss(objective: CompiledObjective, step: StepValues, example: ExampleValues): number {
	const values = pairValues(step, example);
	if (values !== null) return objective.lossOf(values);
	const { chosen, rejected } = unpairedTerms(objective, step, example, objective.termsOf);
	return chosen + rejected;
}

/**
 * ∂loss/∂logp of the completions; 0 for the missing completion of an unpaired example.
 *
 * @throws ShapeError `example-unpaired` if the objective needs the completion that is missing
 */
export function exampleGradient(
	objective: CompiledObjective,
	step: StepValues,
	example: ExampleValues,
): Sides<number> {
	const values = pairValues(step, example);
	if (values !== null) return objective.gradientOf(values);
	return unpairedTerms(objective, step, example, objective.gradientOf);
}

function pairValues(step: StepValues, { chosen, rejected }: ExampleValues): Values | null {
	return chosen === null || rejected === null ? null : valuesOf(step, chosen, rejected);
}

function valuesOf(step: StepValues, w: CompletionValues, l: CompletionValues): Values {
	return {
		...step,
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

/** True if the objective reads `kl`: the mean log-ratio of mismatched completions, see core/batch/mismatched.ts. */
export const readsDrift = ({ inputs }: CompiledObjective): boolean => inputs.includes('kl');

/** The factor of a term whose completion has no partner: see {@link CompiledObjective.perRow}. */
export const unpairedFactor = ({ perRow }: CompiledObjective): number => (perRow === true ? 2 : 1);

/** The number of the side that exists, times its weight. */
function unpairedTerms(
	objective: CompiledObjective,
	step: StepValues,
	{ chosen, rejected }: ExampleValues,
	sidesOf: (values: Values) => Sides<number>,
): Sides<number> {
	const own = chosen ?? rejected;
	expectPartners(objective, 1);
	if (own === null) return { chosen: 0, rejected: 0 };
	const unweighted = { ...own, weight: 1 };
	const factor = own.weight * unpairedFactor(objective);
	const sides = sidesOf(valuesOf(step, unweighted, unweighted));
	return {
		chosen: chosen === null ? 0 : factor * sides.chosen,
		rejected: chosen === null ? factor * sides.rejected : 0,
	};
}

/**
 * Only a separable objective has a loss for a completion without a partner. The trainer checks this before it
 * records a step.
 *
 * @throws ShapeError `example-unpaired`
 */
export function expectPartners({ id, title, separable }: CompiledObjective, unpaired: number): void {
	if (separable || unpaired === 0) return;
	throw new ShapeError(`${title} compares the two completions of a pair; ${unpaired} have no partner.`, {
		code: 'example-unpaired',
		hint: 'Train on pairs, or choose an objective that looks at each completion by itself.',
		context: { objective: id, unpaired },
	});
}
