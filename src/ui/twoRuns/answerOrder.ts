/** The order of the answers of two runs. */
import type { CommonAnswers } from '#core/evaluation/twoRuns.ts';

export type AnswerColumn = 'A' | 'B' | 'difference';

export interface AnswerOrder {
	/** Null keeps the order of the prompts. */
	readonly column: AnswerColumn | null;
	readonly descending: boolean;
}

/** Rows without a score come last in either direction; rows of one value keep their order. */
export function arrangeAnswers(
	rows: readonly CommonAnswers[],
	{ column, descending }: AnswerOrder,
): readonly CommonAnswers[] {
	if (column === null) return rows;
	const factor = descending ? -1 : 1;
	return rows.toSorted((a, b) => {
		const [first, second] = [valueIn(a, column), valueIn(b, column)];
		if (first === null || second === null) return Number(first === null) - Number(second === null);
		return factor * (first - second);
	});
}

function valueIn({ difference, tuned }: CommonAnswers, column: AnswerColumn): number | null {
	if (difference === null || column === 'difference') return difference;
	return tuned[column === 'A' ? 0 : 1].score;
}
