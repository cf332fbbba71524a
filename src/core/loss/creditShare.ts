/** The edit's part in the reward: the share of |credit| on edited tokens, beside the share of tokens that are edited. */
import { diffArrays } from 'diff';
import type { Sides } from './objectives/objective.ts';

/** The completion tokens of a pair, and the credit of each; see credit.ts. */
export interface CreditedPair {
	readonly ids: Sides<readonly number[]>;
	readonly credit: Sides<ArrayLike<number>>;
}

/** Sums over all completion tokens of some pairs. */
export interface CreditShare {
	readonly pairs: number;
	readonly tokens: number;
	readonly editedTokens: number;
	/** Σ |credit|, in units of the reward. */
	readonly credit: number;
	readonly editedCredit: number;
}

export const NO_CREDIT: CreditShare = { pairs: 0, tokens: 0, editedTokens: 0, credit: 0, editedCredit: 0 };

/** The shares in [0, 1]; NaN over nothing. */
export function sharesOf({ tokens, editedTokens, credit, editedCredit }: CreditShare): {
	credit: number;
	tokens: number;
} {
	return { credit: editedCredit / credit, tokens: editedTokens / tokens };
}

/** True for each token that is not part of the longest common subsequence of the two sides. */
export function editedTokens(ids: Sides<readonly number[]>): Sides<readonly boolean[]> {
	const chosen: boolean[] = [];
	const rejected: boolean[] = [];
	for (const { value, added, removed } of diffArrays([...ids.rejected], [...ids.chosen])) {
		if (!added) rejected.push(...value.map(() => removed));
		if (!removed) chosen.push(...value.map(() => added));
	}
	return { chosen, rejected };
}

/** Adds one pair. A token without a number of credit, because the list is shorter, counts 0. */
export function addCredit(sum: CreditShare, { ids, credit }: CreditedPair): CreditShare {
	const edited = editedTokens(ids);
	let next = { ...sum, pairs: sum.pairs + 1 };
	for (const side of ['chosen', 'rejected'] as const)
		for (const [i, isEdited] of edited[side].entries()) {
			const size = Math.abs(credit[side][i] ?? 0);
			next = {
				...next,
				tokens: next.tokens + 1,
				editedTokens: next.editedTokens + Number(isEdited),
				credit: next.credit + size,
				editedCredit: next.editedCredit + (isEdited ? size : 0),
			};
		}
	return next;
}
