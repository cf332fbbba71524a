/** Drawing the next token from logits, on the host. */
import { at } from '#core/math/at.ts';
import type { Rng } from '#core/math/rng.ts';

/** The index of the largest value; of equal ones the first. */
export function argMaxOf(values: Float32Array): number {
	let best = 0;
	for (let i = 1; i < values.length; i++) if (at(values, i) > at(values, best)) best = i;
	return best;
}

/**
 * Draws a token.
 *
 * @param logits      [V]
 * @param temperature ≥ 0; 0 takes the largest logit
 * @param topP        in (0, 1]: the smallest set of most probable tokens that holds this much probability
 * @returns           the token's id
 */
export function sampleToken(logits: Float32Array, temperature: number, topP: number, random: Rng): number {
	const best = argMaxOf(logits);
	if (temperature === 0) return best;
	const largest = at(logits, best);
	const weights = Float64Array.from(logits, (z) => Math.exp((z - largest) / temperature));
	const total = weights.reduce((sum, w) => sum + w, 0);
	const draw = random.next();
	if (topP >= 1) return drawInOrder(weights, draw * total, null) ?? best;
	const order = mostProbable(weights, topP * total);
	const kept = order.reduce((sum, i) => sum + at(weights, i), 0);
	return drawInOrder(weights, draw * kept, order) ?? best;
}

/** The token in which `mass` falls when the weights are laid end to end; null where rounding leaves nothing. */
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
