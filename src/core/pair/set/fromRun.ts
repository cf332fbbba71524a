/** The pairs of a run as the pairs of a set, with the models that wrote both sides and the answers that were cut. */
import { withOpenEnds } from '../cutAnswers.ts';
import type { StageRows } from '../methods/method.ts';
import type { PreferencePair } from '../pair.ts';
import type { SetPair } from './keptSet.ts';

type Sources = NonNullable<PreferencePair['from']>;
type SideSource = Sources['chosen'];

/**
 * @param pairs of one run, all or some
 * @param rows  of the same run
 * @returns pairs whose origin is the first one of their set
 */
export function pairsOfRun(pairs: readonly PreferencePair[], rows: StageRows): readonly SetPair[] {
	const writers = new Map<string, string>();
	for (const { id, model } of [...rows.outputs, ...rows.answers]) writers.set(id, model);
	for (const { id, reviser, rule } of rows.revisions) if (rule !== 'by-hand') writers.set(id, reviser);
	const writer = (source: SideSource | undefined): string | null =>
		source === undefined ? null : (writers.get(source.id) ?? null);
	return withOpenEnds(pairs, rows).map((pair) => {
		const by = { chosen: writer(pair.from?.chosen), rejected: writer(pair.from?.rejected) };
		return { ...pair, origin: 0, ...(by.chosen === null && by.rejected === null ? {} : { by }) };
	});
}
