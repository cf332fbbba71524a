/** The edit that is shown first: a small one shows the words that mattered. */

/** Rows in order among which the first small edit is looked for. */
const EARLY = 24;
/** Words in common, as a token Jaccard, from which an edit is small. */
export const SMALL_EDIT = 0.6;

/**
 * The first early row with a small edit.
 *
 * @param jaccardOf words in common; null for a row without an edit
 */
export function firstSmallEdit<T>(rows: readonly T[], jaccardOf: (row: T) => number | null): T | undefined {
	return rows.slice(0, EARLY).find((row) => (jaccardOf(row) ?? 0) >= SMALL_EDIT);
}
