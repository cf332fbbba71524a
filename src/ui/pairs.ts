/** Names of pairs on the page: their place among the pairs. */
import type { PreferencePair } from '#core/pair/pair.ts';

/** 1-based; 0 if the pair is not among them. */
export function pairNumber(pairs: readonly PreferencePair[], id: string): number {
	return pairs.findIndex((pair) => pair.id === id) + 1;
}
