/** Draws the next token from logits, in f64. */
import { at } from '../math/at.ts';

/** Index of the largest value; the first one of equal values. */
function argMaxOf(values: ArrayLike<number>): number {
	let best = 0;
	let largest = at(values, 0);
	for (let i = 1; i < values.length; i++) {
		const value = at(values, i);
		// False for NaN, which is never the largest.
		if (!(value > largest)) continue;
		best = i;
		largest = value;
	}
	return best;
}

/**
 * Draws a token from softmax(logits / temperature).
 *
 * If topP < 1, keeps the fewest tokens whose probabilities sum to at least topP, in order of falling weight
 * (then of id). If topP ≥ 1, keeps all tokens in order of their ids. The draw selects a token from their
 * cumulative weights.
 *
 * @param logits      [V]
 * @param temperature ≥ 0; 0 returns the largest logit and ignores the draw
 * @param topP        in (0, 1]
 * @param draw        uniform in [0, 1)
 * @returns           the token's id
 */
export function sampleToken(
	logits: ArrayLike<number>,
	temperature: number,
	topP: number,
	draw: number,
): number {
	const best = argMaxOf(logits);
	if (temperature === 0) return best;
	const { weights, total } = weightsOf(logits, at(logits, best), temperature);
	if (topP >= 1) return drawInOrder(weights, draw * total, null) ?? best;
	const order = mostProbable(weights, topP * total);
	const kept = order.reduce((sum, i) => sum + at(weights, i), 0);
	return drawInOrder(weights, draw * kept, order) ?? best;
}

/** exp((z − largest) / temperature) of every logit, and their sum. A loop: `from` with a function takes four times as long. */
function weightsOf(
	logits: ArrayLike<number>,
	largest: number,
	temperature: number,
): { weights: Float64Array; total: number } {
	const weights = new Float64Array(logits.length);
	let total = 0;
	for (let i = 0; i < weights.length; i++) {
		const weight = Math.exp((at(logits, i) - largest) / temperature);
		weights[i] = weight;
		total += weight;
	}
	return { weights, total };
}

/** First token whose cumulative weight exceeds `mass`; null if rounding leaves none. */
function drawInOrder(weights: Float64Array, mass: number, order: readonly number[] | null): number | null {
	let rest = mass;
	for (let n = 0; n < (order?.length ?? weights.length); n++) {
		const i = order === null ? n : at(order, n);
		rest -= at(weights, i);
		if (rest < 0) return i;
	}
	return null;
}

/**
 * Tokens by falling weight until their sum reaches `mass`. Of a vocabulary of many thousands a few hundred carry nearly all
 * weight, so only tokens above a bound are sorted; the bound falls until they suffice.
 */
function mostProbable(weights: Float64Array, mass: number): number[] {
	for (let bound = FIRST_BOUND; ; bound = bound < SMALLEST_BOUND ? -1 : bound * bound) {
		const order = sortedAbove(weights, bound);
		let sum = 0;
		for (const [n, i] of order.entries()) {
			sum += at(weights, i);
			if (sum >= mass) return order.slice(0, n + 1);
		}
		// Rounding can leave the sum of all just below the mass.
		if (bound < 0) return order;
	}
}

/** The largest weight is 1. */
const FIRST_BOUND = 1e-3;
const SMALLEST_BOUND = 1e-30;

/** Tokens whose weight is above a bound, by falling weight, then by id. */
function sortedAbove(weights: Float64Array, bound: number): number[] {
	const some: number[] = [];
	for (let i = 0; i < weights.length; i++) if (at(weights, i) > bound) some.push(i);
	return some.sort((a, b) => at(weights, b) - at(weights, a) || a - b);
}
