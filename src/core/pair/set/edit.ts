/** Editing one pair of a set by hand. */
import { editTooLong } from '../../text/editLimit.ts';
import { pairFault } from '../pairFault.ts';
import type { SetPair } from './keptSet.ts';

export interface EditedTexts {
	chosen: string;
	rejected: string;
}

type Side = keyof EditedTexts;

/**
 * The pair with other answers. It is marked as edited, keeps its first texts in `before`, and loses the source of an answer that
 * was changed. A changed answer counts as whole.
 *
 * @returns the pair itself if nothing changed; a text that says why the answers are no pair
 */
export function editPair(pair: SetPair, { chosen, rejected }: EditedTexts): SetPair | string {
	if (chosen === pair.chosen && rejected === pair.rejected) return pair;
	const fault =
		sideTooLong(pair, { chosen, rejected }) ?? pairFault({ prompt: pair.prompt.text, chosen, rejected });
	if (fault !== null) return fault;
	const before = pair.before ?? { chosen: pair.chosen, rejected: pair.rejected };
	if (chosen === before.chosen && rejected === before.rejected) return restorePair(pair);
	const { open, by, ...rest } = pair;
	const isSame = { chosen: chosen === pair.chosen, rejected: rejected === pair.rejected };
	return {
		...rest,
		...{ chosen, rejected, before, edited: true },
		...stillOpen(open, isSame),
		...stillBy(by, isSame),
	};
}

function sideTooLong(pair: SetPair, texts: EditedTexts): string | null {
	for (const side of ['chosen', 'rejected'] as const) {
		const fault = editTooLong(texts[side], pair[side]);
		if (fault !== null) return `“${side}” ${fault}`;
	}
	return null;
}

/** The open ends of answers that did not change. */
function stillOpen(open: SetPair['open'], isSame: Readonly<Record<Side, boolean>>): Pick<SetPair, 'open'> {
	if (open === undefined) return {};
	const still = { chosen: open.chosen && isSame.chosen, rejected: open.rejected && isSame.rejected };
	return still.chosen || still.rejected ? { open: still } : {};
}

/** The writers of answers that did not change. */
function stillBy(by: SetPair['by'], isSame: Readonly<Record<Side, boolean>>): Pick<SetPair, 'by'> {
	if (by === undefined) return {};
	return {
		by: { chosen: isSame.chosen ? by.chosen : null, rejected: isSame.rejected ? by.rejected : null },
	};
}

/** The pair with its first texts, without the mark of an edit. Their writers and open ends are not known any more. */
export function restorePair(pair: SetPair): SetPair {
	const { before, ...rest } = pair;
	return before === undefined ? pair : { ...rest, ...before, edited: false };
}
