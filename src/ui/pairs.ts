/** How a pair is called on the page: by its place among the pairs. */
import type { PreferencePair } from '#core/pair/pair.ts';

/** 1-based; 0 when it is not among them. */
export function pairNumber(pairs: readonly PreferencePair[], id: string): number {
	return pairs.findIndex((pair) => pair.id === id) + 1;
}
