/** Rows of files before their content is read. */
import { excerpt } from '../text/excerpt.ts';

/** One row of a file with its line, counted from 1, and its text, cut if it is long. */
export type FileRow = { line: number; text: string } & (
	{ ok: true; value: unknown } | { ok: false; reason: string }
);

/** Longest text of a row that is kept for a list of rows. */
const SHOWN = 200;

export const shown = (text: string): string => excerpt(text, SHOWN);

/** The text of a row that its file does not hold as text, cut if it is long. */
export function shownValue(value: object): string {
	try {
		return shown(JSON.stringify(value));
	} catch {
		// Values that are nested too deeply cannot be written; the row itself may still be usable.
		return Array.isArray(value) ? '[…]' : '{…}';
	}
}
