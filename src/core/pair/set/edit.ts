/** Editing one pair of a set by hand. */
import { pairFault } from '../pairFault.ts';
import type { SetPair } from './keptSet.ts';

export interface EditedTexts {
	chosen: string;
	rejected: string;
}

/**
 * The pair with other answers. It is marked as edited, keeps its first texts in `before`, and loses the source of an answer that
 * was changed. A changed answer counts as whole.
 *
 * @returns the pair itself if nothing changed; a text that says why the answers are no pair
 */
export function editPair(pair: SetPair, { chosen, rejected }: EditedTexts): SetPair | string {
	if (chosen === pair.chosen && rejected === pair.rejected) return pair;
	const fault = pairFault({ prompt: pair.prompt.text, chosen, rejected });
	if (fault !== null) return fault;
	const before = pair.before ?? { chosen: pair.chosen, rejected: pair.rejected };
	if (chosen === before.chosen && rejected === before.rejected) return restorePair(pair);
	const { open, by, ...rest } = pair;
	const isSame = { chosen: chosen === pair.chosen, rejected: rejected === pair.rejected };
	const still = {
		chosen: open?.chosen === true && isSame.chosen,
		rejected: open?.rejected === true && isSame.rejected,
	};
	const writers = {
		chosen: isSame.chosen ? (by?.chosen ?? null) : null,
		rejected: isSame.rejected ? (by?.rejected ?? null) : null,
	};
	return {
		...rest,
		...{ chosen, rejected, before, edited: true },
		...(by === undefined ? {} : { by: writers }),
		...(still.chosen || still.rejected ? { open: still } : {}),
	};
}

/** The pair with its first texts, without the mark of an edit. Their writers and open ends are not known any more. */
export function restorePair(pair: SetPair): SetPair {
	const { before, ...rest } = pair;
	return before === undefined ? pair : { ...rest, ...before, edited: false };
}
