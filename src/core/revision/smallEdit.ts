/** The edit that is shown first: a small one shows the words that mattered. */

/** Rows in order among which the first small edit is looked for. */
const EARLY = 24;
/** Words in common, as a token Jaccard, from which an edit is small. At 0.6, two thirds of the characters can be others. */
const SMALL_EDIT = 0.8;

/**
 * The first early row with a small edit.
 *
 * @param jaccardOf words in common; null for a row without an edit
 */
export function firstSmallEdit<T>(rows: readonly T[], jaccardOf: (row: T) => number | null): T | undefined {
	return rows.slice(0, EARLY).find((row) => (jaccardOf(row) ?? 0) >= SMALL_EDIT);
}
