/** The limit of an answer that a person writes by hand. A slip, such as a whole file in the clipboard, is not stored as an answer. */

/** Characters; the models here read far less. */
const LONGEST_EDIT = 20_000;

/**
 * Why an edited text is too long, as the rest of a sentence about it; null if it is not. A text that was longer before may keep its
 * length.
 */
export function editTooLong(text: string, before: string): string | null {
	const limit = Math.max(LONGEST_EDIT, before.length);
	if (text.length <= limit) return null;
	return `has ${grouped(text.length)} characters, and an edit may have ${grouped(limit)}: shorten it`;
}

const grouped = (n: number): string => n.toLocaleString('en-US');
