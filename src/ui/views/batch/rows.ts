/** A tokenised batch as rows of bars. */
import type { PairTokens } from '#app/steps/batchStep.svelte.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { BatchRow } from '../../charts/batchRow.ts';

export function batchRows(
	shown: readonly PairTokens[],
	pairs: readonly PreferencePair[],
	tracked: string | null,
): BatchRow[] {
	const wanted = new Set(shown.map(({ pair }) => pair.id));
	const numbers = new Map(
		pairs.flatMap(({ id }, i): [string, number][] => (wanted.has(id) ? [[id, i + 1]] : [])),
	);
	return shown.map(({ pair, chosen, rejected }) => ({
		name: `pair ${numbers.get(pair.id) ?? 0}`,
		prompt: chosen.completionStart,
		chosen: chosen.ids.length - chosen.completionStart,
		rejected: rejected.ids.length - rejected.completionStart,
		tracked: pair.id === tracked,
	}));
}
