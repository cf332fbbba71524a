/** The visible part of a text: two texts that look the same teach a model nothing, and an invisible text asks nothing. */

/** Characters without a glyph (Unicode's Default_Ignorable_Code_Point): zero-width spaces, soft hyphens, Hangul fillers. */
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;
/** Spaces, controls and the empty Braille pattern, which is a space in all but its category. */
const SPACES = /[\s\p{Cc}\u2800]+/gu;

/** The text without invisible characters, in one Unicode form (NFC), with one space for any spaces. For comparison only. */
export const visible = (text: string): string =>
	text.replaceAll(IGNORABLE, '').normalize('NFC').replaceAll(SPACES, ' ').trim();

/**
 * True if the first characters that differ are both printable ASCII, so that the texts differ in more than spaces, invisible
 * characters and Unicode form. False if only {@link visible} can decide.
 */
export function differVisibly(a: string, b: string): boolean {
	let i = 0;
	while (i < a.length && a[i] === b[i]) i++;
	return isPrintable(a.charCodeAt(i)) && isPrintable(b.charCodeAt(i));
}

const isPrintable = (code: number): boolean => code > 0x20 && code < 0x7f;

/** True if a reader sees nothing of the text. */
export function isInvisible(text: string): boolean {
	// Most texts hold a printable ASCII character; such a text is not copied.
	return !/[!-~]/.test(text) && visible(text) === '';
}
