/** A tokenised batch as rows of bars. */
import type { PairTokens } from '#app/steps/batchStep.svelte.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { BatchRow } from '../../charts/batchRow.ts';

export function batchRows(
	shown: readonly PairTokens[],
	pairs: readonly PreferencePair[],
	tracked: string | null,
): BatchRow[] {
	return shown.map(({ pair, chosen, rejected }) => ({
		name: `pair ${pairs.findIndex(({ id }) => id === pair.id) + 1}`,
		prompt: chosen.completionStart,
		chosen: chosen.ids.length - chosen.completionStart,
		rejected: rejected.ids.length - rejected.completionStart,
		tracked: pair.id === tracked,
	}));
}
