/** Draws the next token from logits, in f64. */
import { at } from '../math/at.ts';

/** Index of the largest value; the first one of equal values. */
function argMaxOf(values: ArrayLike<number>): number {
	let best = 0;
	for (let i = 1; i < values.length; i++) if (at(values, i) > at(values, best)) best = i;
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
	const largest = at(logits, best);
	const weights = Float64Array.from(logits, (z) => Math.exp((z - largest) / temperature));
	const total = weights.reduce((sum, w) => sum + w, 0);
	if (topP >= 1) return drawInOrder(weights, draw * total, null) ?? best;
	const order = mostProbable(weights, topP * total);
	const kept = order.reduce((sum, i) => sum + at(weights, i), 0);
	return drawInOrder(weights, draw * kept, order) ?? best;
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

/** Tokens by falling weight until their sum reaches `mass`. */
function mostProbable(weights: Float64Array, mass: number): number[] {
	const order = Array.from(weights.keys()).sort((a, b) => at(weights, b) - at(weights, a) || a - b);
	let sum = 0;
	const taken: number[] = [];
	for (const i of order) {
		taken.push(i);
		sum += at(weights, i);
		if (sum >= mass) break;
	}
	return taken;
}
