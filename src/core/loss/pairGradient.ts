/** The effect of one pair on the adapter at one moment of a run; train/measure measures it. */

export interface PairGradient {
	readonly pairId: string;
	/** Loss of the pair alone. */
	readonly loss: number;
	/** Rewards β·(log π_θ − log π_ref). */
	readonly chosen: number;
	readonly rejected: number;
	/** L2 norm of the gradient of its loss by the adapter. */
	readonly gradNorm: number;
	/**
	 * Change of the held-out loss for a small step against this pair's gradient, by the step's size: minus the dot product of the two
	 * gradients. Above 0 the pair harms. Null if nothing is held out.
	 *
	 * An approximation: it is of first order, of one moment of the run, and of plain gradient descent; AdamW scales each parameter.
	 */
	readonly effect: number | null;
}
