/** The training of a run as it was after some updates, from the measurements up to then. */
import { lastAtMost } from '#core/math/lastAtMost.ts';
import type { PairRewards } from '#core/loss/metrics.ts';
import type { TrailPoint } from '#core/run/run.ts';
import type { RewardCourse, TrainingHistory } from './trainingHistory.ts';

export interface TrainingMoment {
	/**
	 * Rewards of each pair when last measured, by pair id. A pair that was not measured yet is at (0, 0), where every pair starts, and
	 * has step 0.
	 */
	readonly positions: ReadonlyMap<string, TrailPoint>;
	/** The pairs of the latest step. */
	readonly batch: readonly PairRewards[];
	/** Rewards of one pair over time; null if no step measured it. */
	courseOf(pairId: string): RewardCourse | null;
}

/** @param updates of the adapter; a step measures before its own update */
export function momentAt(history: TrainingHistory, updates: number): TrainingMoment {
	const measured = lastAtMost(history.updates, updates);
	const batch = pointsOf(history.points, history.metrics[measured]?.step ?? 0);
	const positions = new Map<string, TrailPoint>();
	for (const [pairId, course] of history.courses) {
		const place = lastAtMost(course.updates, updates);
		const [chosen = 0, rejected = 0] = [course.chosen[place], course.rejected[place]];
		const step = place < 1 ? 0 : (course.updates[place] ?? 0) + 1;
		positions.set(pairId, { pairId, chosen, rejected, step });
	}
	// The first step measures at the start itself.
	for (const point of batch) positions.set(point.pairId, point);
	return { positions, batch, courseOf: (pairId) => cut(history.courseOf(pairId), updates) };
}

/** The points of one step. @param points in the order of the steps */
function pointsOf(points: readonly TrailPoint[], step: number): readonly TrailPoint[] {
	let low = 0;
	let high = points.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((points[middle]?.step ?? Infinity) < step) low = middle + 1;
		else high = middle;
	}
	let end = low;
	while (points[end]?.step === step) end++;
	return points.slice(low, end);
}

function cut(course: RewardCourse | null, updates: number): RewardCourse | null {
	if (course === null) return null;
	const end = lastAtMost(course.updates, updates) + 1;
	return {
		updates: course.updates.slice(0, end),
		chosen: course.chosen.slice(0, end),
		rejected: course.rejected.slice(0, end),
	};
}
