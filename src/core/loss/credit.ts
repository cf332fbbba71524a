/** Token credit: the share of each completion token in the reward. */
import { at } from '../math/at.ts';
import { ShapeError } from '../errors.ts';

/**
 * Share of each completion token in the reward: β·(log π_θ − log π_ref) of that token.
 *
 * @param policy    [N] nats, log-probability of each completion token with the adapter on
 * @param reference [N] nats, the same with the adapter off
 * @param beta      unitless, > 0
 * @returns [N]; their sum is the reward of the whole completion
 * @throws  ShapeError if the lists differ in length
 */
export function tokenCredit(policy: Float32Array, reference: Float32Array, beta: number): Float64Array {
	if (policy.length !== reference.length) {
		throw new ShapeError(`Credit needs lists of one length; got ${policy.length} and ${reference.length}.`, {
			code: 'credit-lengths',
		});
	}
	return Float64Array.from(policy, (logp, i) => beta * (logp - at(reference, i)));
}

/** {@link tokenCredit} of both sides of a pair. */
export function pairCredit(
	policy: { chosen: Float32Array; rejected: Float32Array },
	reference: { chosen: Float32Array; rejected: Float32Array },
	beta: number,
): { chosen: Float64Array; rejected: Float64Array } {
	return {
		chosen: tokenCredit(policy.chosen, reference.chosen, beta),
		rejected: tokenCredit(policy.rejected, reference.rejected, beta),
	};
}
