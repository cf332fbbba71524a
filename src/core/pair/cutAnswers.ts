/**
 * Answers that reached the limit of tokens have no end of their own. Training reads an end token after every answer, as TRL does, and
 * so teaches a model to stop wherever its samples were cut. A recipe can leave these ends open. An edit of a cut answer is open like
 * it: it ends at the cut or a few words before, not where a whole answer would.
 */
import type { Output } from '../output/output.ts';
import type { StageRows } from './methods/method.ts';
import type { PreferencePair } from './pair.ts';

/** end: an end token follows every answer, as in TRL. open: none follows an answer that was cut, or its edit. */
export const CUT_ANSWERS = ['end', 'open'] as const;
export type CutAnswers = (typeof CUT_ANSWERS)[number];

/** Marks the sides of pairs that have no end. The pairs of texts that end by themselves stay the same objects. */
export function withOpenEnds(
	pairs: readonly PreferencePair[],
	{ outputs, answers, revisions }: StageRows,
): readonly PreferencePair[] {
	const cut = new Set([...outputs, ...answers].filter(isCut).map(({ id }) => id));
	if (cut.size === 0) return pairs;
	for (const { id, output } of revisions) if (cut.has(output.id)) cut.add(id);
	const isOpen = (side: 'chosen' | 'rejected', pair: PreferencePair): boolean => {
		const from = pair.from?.[side];
		return from !== undefined && cut.has(from.id);
	};
	return pairs.map((pair) => {
		const open = { chosen: isOpen('chosen', pair), rejected: isOpen('rejected', pair) };
		return open.chosen || open.rejected ? { ...pair, open } : pair;
	});
}

function isCut({ finishReason }: Output): boolean {
	return finishReason === 'length';
}
