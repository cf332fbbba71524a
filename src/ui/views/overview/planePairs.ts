/** The training state as pairs on the plane. */
import type { LossStep } from '#app/steps/lossStep.svelte.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { TrailPoint } from '#core/run/run.ts';
import type { PlanePair } from '../../charts/plane.ts';

/** Every measured pair, with trails for those in the batch and for the tracked one (other trails are not drawn). */
export function planePairs(
	loss: Pick<LossStep, 'positions' | 'trails' | 'batch'>,
	pairs: readonly PreferencePair[],
	tracked: string | null,
): PlanePair[] {
	const numbers = new Map(pairs.map(({ id }, i) => [id, i + 1]));
	const inBatch = new Set(loss.batch.map(({ pairId }) => pairId));
	const trails = new Map<string, TrailPoint[]>();
	for (const id of [...inBatch, ...(tracked === null ? [] : [tracked])]) trails.set(id, []);
	for (const point of loss.trails) trails.get(point.pairId)?.push(point);
	return [...loss.positions.values()].map(({ pairId, chosen, rejected }) => ({
		id: pairId,
		name: `pair ${numbers.get(pairId) ?? '?'}`,
		chosen,
		rejected,
		trail: trails.get(pairId) ?? [],
		inBatch: inBatch.has(pairId),
	}));
}
