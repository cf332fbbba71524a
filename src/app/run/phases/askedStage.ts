/** Work that is the same in every phase that asks a model besides the target: when it applies, its end, and its figures. */
import { fromWire, type WireError } from '#core/errors.ts';
import type { DataStage } from '#core/pair/methods/method.ts';
import type { Progress } from '#core/ports.ts';
import type { Figure } from '../../steps/stepSummary.ts';
import type { PhaseContext } from '../phaseContext.ts';
import { counting, transferring } from './figures.ts';
import { loadTarget } from './loadTarget.ts';
import { hasStage, pairsAreFixed } from './phase.ts';

/** True if the stage can still change the pairs of the run. */
export function applies({ recipe, steps, skipUnasked }: PhaseContext, stage: DataStage): boolean {
	return hasStage(recipe, stage) && !pairsAreFixed(steps) && !skipUnasked;
}

/**
 * Asks, and saves the replies so far also after a stop or a failure.
 *
 * @param rows those that were asked about, of which at least one must have a reply; absent if none needs one
 * @throws the error of the first row if all rows failed
 */
export async function askAndSave(
	context: PhaseContext,
	ask: () => Promise<void>,
	rows: () => readonly { state: string; error: WireError | null }[] = () => [],
): Promise<void> {
	try {
		await ask();
	} finally {
		await context.save();
	}
	const asked = rows();
	const first = asked.find(({ error }) => error !== null)?.error;
	if (first && asked.every(({ state }) => state === 'failed')) throw fromWire(first);
	// A second model may have taken the place of the target.
	await loadTarget(context);
}

/** Replies of all rows, with the pace; while a second model is loaded, the share of its files. */
export function askedFigures(
	[done, total]: readonly [done: number, total: number],
	pace: { perSecond: number | null; secondsLeft: number | null },
	loading: Progress | null,
): readonly Figure[] {
	return loading === null ? counting(done, total, pace) : transferring(loading);
}
