/** Inserts a word of the list into the formula. */
import type { FormulaWord } from './formulaWords.ts';

export interface TextSelection {
	readonly text: string;
	readonly start: number;
	readonly end: number;
}

/** The text with the word in place of the selection, and the cursor after it. A selected part becomes the function's argument. */
export function insertWord(
	{ text, start, end }: TextSelection,
	word: FormulaWord,
): { text: string; cursor: number } {
	const [before, selected, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)];
	// Two words must not become one.
	const gap = /[\w)]$/.test(before) ? ' ' : '';
	const open = word.insert.length - word.back;
	const argument = word.back === 0 ? '' : selected;
	const inserted = `${gap}${word.insert.slice(0, open)}${argument}${word.insert.slice(open)}`;
	const cursor = before.length + gap.length + open + argument.length;
	return { text: `${before}${inserted}${after}`, cursor };
}
