/** Smoothed series. */

/** A list that may grow; null marks a gap. */
type Values = readonly (number | null)[];

/** Weight of the past in smoothed curves and figures, until the user changes it. */
export const SMOOTHING = 0.8;

/** The state of an average that continues when values are added. */
interface Smoothing {
	readonly smoothed: (number | null)[];
	average: number;
	mass: number;
}

/** Weights kept for one list; charts in sight share one or two. */
const KEPT = 4;
const known = new WeakMap<Values, Map<number, Smoothing>>();

/**
 * Exponential moving average with bias correction, so that the first value is the first measurement. Continues from the last call
 * with this list and weight, so the list may only grow; the same list is returned again.
 *
 * @param values gaps are null and stay gaps; the average continues after them
 * @param weight weight of the past, in [0, 1); 0 changes nothing
 */
export function smooth(values: Values, weight: number): Values {
	const state = stateOf(values, weight);
	for (let i = state.smoothed.length; i < values.length; i++)
		state.smoothed.push(next(state, values[i] ?? null, weight));
	return state.smoothed;
}

function stateOf(values: Values, weight: number): Smoothing {
	const byWeight = known.get(values) ?? new Map<number, Smoothing>();
	known.set(values, byWeight);
	const state = byWeight.get(weight) ?? { smoothed: [], average: 0, mass: 0 };
	byWeight.set(weight, state);
	const oldest = byWeight.keys().next().value;
	if (byWeight.size > KEPT && oldest !== undefined) byWeight.delete(oldest);
	return state;
}

function next(state: Smoothing, value: number | null, weight: number): number | null {
	if (value === null) return null;
	state.average = weight * state.average + (1 - weight) * value;
	state.mass = weight * state.mass + (1 - weight);
	return state.average / state.mass;
}
