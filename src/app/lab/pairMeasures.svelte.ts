/** The measures of a set of pairs and the means of its two sides, computed in slices that leave time for the page. */
import { pairContrast, type SetMeasures, setMeasures } from '#core/pair/contrast.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { sideFigures, type SideMeans, sideMeans } from '#core/pair/sides.ts';
import { mapInSlices } from '../async/slices.ts';

export class PairMeasures {
	/** Of the pairs that were measured last; null before the first. */
	set: (SetMeasures & { chosen: SideMeans; rejected: SideMeans }) | null = $state.raw(null);

	/** @param signal once it fires, the result of this call is dropped */
	async measure(pairs: readonly PreferencePair[], signal: AbortSignal): Promise<void> {
		const measured = await mapInSlices(
			pairs,
			(pair) => ({
				contrast: pairContrast(pair),
				chosen: sideFigures(pair, 'chosen'),
				rejected: sideFigures(pair, 'rejected'),
			}),
			signal,
		);
		if (measured === null) return;
		this.set = {
			...setMeasures(measured.map(({ contrast }) => contrast)),
			chosen: sideMeans(measured.map(({ chosen }) => chosen)),
			rejected: sideMeans(measured.map(({ rejected }) => rejected)),
		};
	}
}
