/** The training state as pairs on the plane. */
import type { BatchStep } from '#app/steps/batchStep.svelte.ts';
import type { RewardCourse } from '#app/steps/trainingHistory.ts';
import type { TrainingMoment } from '#app/steps/trainingMoment.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { PlanePair } from '../../charts/plane.ts';

/** Every measured pair, with trails for those in the batch and for the tracked one (other trails are not drawn). */
export function planePairs(
	training: TrainingMoment,
	pairs: readonly PreferencePair[],
	tracked: string | null,
	lengthsOf: BatchStep['lengthsOf'] = () => null,
): PlanePair[] {
	const numbers = new Map(pairs.map(({ id }, i) => [id, i + 1]));
	const inBatch = new Set(training.batch.map(({ pairId }) => pairId));
	return [...training.positions.values()].map(({ pairId, chosen, rejected }) => ({
		id: pairId,
		name: `pair ${numbers.get(pairId) ?? '?'}`,
		chosen,
		rejected,
		trail: inBatch.has(pairId) || pairId === tracked ? trailOf(training.courseOf(pairId)) : [],
		inBatch: inBatch.has(pairId),
		lengths: lengthsOf(pairId),
	}));
}

/** Points of a trail; the plane has too few pixels to show more. */
const TRAIL_POINTS = 256;

/** The positions of a pair after the start, evenly thinned; the newest stays. */
function trailOf(course: RewardCourse | null): PlanePair['trail'] {
	if (course === null) return [];
	const { chosen, rejected } = course;
	const last = chosen.length - 1;
	const every = Math.max(1, Math.ceil(last / TRAIL_POINTS));
	return Array.from({ length: Math.ceil(last / every) }, (_, i) => {
		const place = last - i * every;
		return { chosen: chosen[place] ?? 0, rejected: rejected[place] ?? 0 };
	}).reverse();
}
