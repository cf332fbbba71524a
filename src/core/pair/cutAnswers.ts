/**
 * Answers that reached the limit of tokens have no end of their own. Training reads an end token after every answer, as TRL does, and
 * so teaches a model to stop wherever its samples were cut. A recipe can leave these ends open.
 */
import type { Output } from '../output/output.ts';
import type { Revision } from '../revision/revision.ts';
import type { StageRows } from './methods/method.ts';
import type { PreferencePair } from './pair.ts';

/** end: an end token follows every answer, as in TRL. open: none follows an answer that was cut. */
export const CUT_ANSWERS = ['end', 'open'] as const;
export type CutAnswers = (typeof CUT_ANSWERS)[number];

/** Marks the sides of pairs that have no end. The pairs of texts that end by themselves stay the same objects. */
export function withOpenEnds(
	pairs: readonly PreferencePair[],
	{ outputs, answers, revisions }: StageRows,
): readonly PreferencePair[] {
	const cut = new Set([...outputs, ...answers].filter(isCut).map(({ id }) => id));
	if (cut.size === 0) return pairs;
	const revised = new Map(revisions.map((row) => [row.id, row]));
	const isOpen = (side: 'chosen' | 'rejected', pair: PreferencePair): boolean => {
		const from = pair.from?.[side];
		if (from === undefined) return false;
		return from.kind === 'revision' ? endsAsCut(revised.get(from.id), pair[side]) : cut.has(from.id);
	};
	return pairs.map((pair) => {
		const open = { chosen: isOpen('chosen', pair), rejected: isOpen('rejected', pair) };
		return open.chosen || open.rejected ? { ...pair, open } : pair;
	});
}

function isCut({ finishReason }: Output): boolean {
	return finishReason === 'length';
}

/** Characters that two texts must share at their ends for the one to be cut where the other is: about a word. */
const SAME_END = 4;

/** True if the edit left the cut end as it was. */
function endsAsCut(revision: Revision | undefined, text: string): boolean {
	if (revision === undefined || !isCut(revision.output)) return false;
	return text.endsWith(revision.output.text.slice(-SAME_END));
}
