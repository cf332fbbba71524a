/** Orders of the measured pairs, and what their effects are on, in words. */
import type { HarmReport } from '#app/compare/measurePairs.ts';
import { counted } from '#app/text/format.ts';
import type { PairGradient } from '#core/loss/pairGradient.ts';

export const PAIR_ORDERS = [
	{ id: 'effect', label: 'harm' },
	{ id: 'loss', label: 'loss' },
	{ id: 'gradNorm', label: 'gradient' },
] as const;
export type PairOrder = (typeof PAIR_ORDERS)[number]['id'];

/** The largest first; pairs without the number keep their order. */
export function sortedPairs(pairs: readonly PairGradient[], order: PairOrder): readonly PairGradient[] {
	const value = (pair: PairGradient): number => pair[order] ?? 0;
	return pairs.toSorted((a, b) => value(b) - value(a));
}

const SOURCES: Readonly<Record<Exclude<HarmReport['source'], 'none'>, string>> = {
	imported: 'held-out pairs of your import',
	revised:
		'held-out prompts, with the base model’s answer as rejected and the world’s own revision as chosen',
};

export function harmNote({ source, heldOut, pairs }: HarmReport): string {
	if (source === 'none')
		return 'Nothing is held out with a pair, so there is no effect to measure; the pairs are in the order of their gradients.';
	const harmful = pairs.filter(({ effect }) => effect !== null && effect > 0).length;
	return (
		`The effect is on the mean loss of ${heldOut} ${SOURCES[source]}: above 0, a small step on the pair raises it. ` +
		`${counted(harmful, 'pair')} of ${pairs.length} would. An approximation: the dot product of two gradients at one adapter, without AdamW’s scaling.`
	);
}
