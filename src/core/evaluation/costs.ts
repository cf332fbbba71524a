/** The side effects that count as the cost of a gain. */
import type { Estimate } from './evaluation.ts';
import type { WorldReport } from './worldReport.ts';

/** A change of the mean length of unrelated answers within these factors counts as none. */
export const LENGTH_LIMITS = { shortest: 0.8, longest: 1.2 } as const;

/**
 * Fall of the log-probability per token of unrelated answers, under the base model, from which on they count as odd text.
 * Greedy answers are the base model's most likely ones, so every change lowers it; by 1 nat, the mean token is e times less
 * likely.
 */
export const FLUENCY_FALL = 1;

export interface Costs {
	/** The held-out score itself fell. */
	heldOut: boolean;
	/** The score on untouched families fell. */
	untouched: boolean;
	/** Unrelated answers are much shorter or longer. */
	length: boolean;
	/** Unrelated answers are odd text to the base model. */
	fluency: boolean;
}

export function costsOf({ difference, panel }: WorldReport): Costs {
	const { lengthRatio, fluency } = panel;
	const { shortest, longest } = LENGTH_LIMITS;
	return {
		heldOut: fell(difference.heldOut),
		untouched: fell(difference.untouched),
		length: lengthRatio !== null && (lengthRatio < shortest || lengthRatio > longest),
		fluency: fluency.base !== null && fluency.tuned !== null && fluency.base - fluency.tuned > FLUENCY_FALL,
	};
}

/** True if the whole interval of a difference is below 0. */
function fell({ n, high }: Estimate): boolean {
	return n > 0 && high < 0;
}
