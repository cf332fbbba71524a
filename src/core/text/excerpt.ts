/** Starts of long texts for messages. */

/** The text, or its first `most` UTF-16 units and an ellipsis; never half of a character. */
export function excerpt(text: string, most: number): string {
	if (text.length <= most) return text;
	const isHalf = /[\ud800-\udbff]/.test(text.charAt(most - 1));
	return `${text.slice(0, isHalf ? most - 1 : most)}…`;
}

/** The text on one line, with one space for any spaces. */
export const onOneLine = (text: string): string => text.trim().replace(/\s+/g, ' ');
