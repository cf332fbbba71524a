/**
 * Why log π(y) of a pair's answers changed over some training steps: the part of the chosen term, the part of the rejected term, and
 * the momentum of earlier steps. train/measure measures it.
 *
 * The gradient of a step is a sum of two: one flows through log π(y_w), one through log π(y_l). AdamW's update is linear in its first
 * moment, so the update is the sum of the parts' updates, all over the root of the same second moment. The effect of a part is the
 * change of log π(y) by its update, averaged over two ways to measure it: the part alone, from the weights before the step; and the part
 * added last. The mean cancels the parts' interaction to second order.
 */
import type { Sides } from './objectives/objective.ts';

/** The update is the sum of these and of the weight decay. */
export const UPDATE_PARTS = ['chosen', 'rejected', 'earlier'] as const;
export type UpdatePart = (typeof UPDATE_PARTS)[number];

/** Change of one answer's log π(y), nats. The parts and the rest (weight decay, and what they do only together) add up to the total. */
export interface LogpChange extends Readonly<Record<UpdatePart, number>> {
	readonly total: number;
}

/** The changes of both answers of a pair. */
export interface PairAttribution extends Sides<LogpChange> {
	readonly pairId: string;
}

export interface SpanAttribution {
	/** First and last step of the span, from 1. */
	readonly from: number;
	readonly to: number;
	readonly pairs: readonly PairAttribution[];
}

export const NO_CHANGE: LogpChange = { chosen: 0, rejected: 0, earlier: 0, total: 0 };

export function addChanges(a: LogpChange, b: LogpChange): LogpChange {
	return {
		chosen: a.chosen + b.chosen,
		rejected: a.rejected + b.rejected,
		earlier: a.earlier + b.earlier,
		total: a.total + b.total,
	};
}

/** The mean over pairs; null over none. */
export function meanAttribution(pairs: readonly PairAttribution[]): Sides<LogpChange> | null {
	if (pairs.length === 0) return null;
	const mean = (side: 'chosen' | 'rejected'): LogpChange => {
		const sum = pairs.reduce((total, pair) => addChanges(total, pair[side]), NO_CHANGE);
		return {
			chosen: sum.chosen / pairs.length,
			rejected: sum.rejected / pairs.length,
			earlier: sum.earlier / pairs.length,
			total: sum.total / pairs.length,
		};
	};
	return { chosen: mean('chosen'), rejected: mean('rejected') };
}
