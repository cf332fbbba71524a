/** Items in groups that one call of an engine takes. Between two groups a pause takes effect, and a cancel ends the work. */
import { Cancelled } from '#core/errors.ts';
import type { PauseGate } from './pauseGate.ts';

/** Enough to fill a pass of the model with short pairs, and few enough that a pause takes effect soon. */
const GROUP = 8;

/** @throws Cancelled */
export async function* inGroups<T>(
	items: readonly T[],
	signal: AbortSignal,
	gate?: PauseGate,
): AsyncGenerator<readonly T[]> {
	for (let first = 0; first < items.length; first += GROUP) {
		await gate?.pass(signal);
		if (signal.aborted) throw new Cancelled();
		yield items.slice(first, first + GROUP);
	}
	if (signal.aborted) throw new Cancelled();
}
