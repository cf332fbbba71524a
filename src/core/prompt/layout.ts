/** Where the prompts are in a file, and its rows as they are read from there. */

/** One row before its checks: its text, or the reason why it has none. `raw` is the row in the file, cut if it is long. */
export type PromptRow = { line: number; raw: string } & RowText;

/** A note names the part that was left out. */
export type RowText = { text: string } | { text: string; note: string } | { reason: string };

/** Where the prompts are in a file: a column, or its lines or paragraphs. */
export interface Layout {
	/** Ids of the places that the file offers, with their names on the page. */
	options: readonly { id: string; name: string }[];
	/** The place that was read. */
	chosen: string;
}

export interface PromptRows {
	rows: readonly PromptRow[];
	/** Null if the file offers no choice. */
	layout: Layout | null;
}

export const LINE = { id: 'line', name: 'one prompt per line' };
export const QUESTION = { id: 'question', name: 'the questions, without their answers' };
export const PARAGRAPH = { id: 'paragraph', name: 'one prompt per paragraph' };
export const columnId = (name: string): string => `column:${name}`;
export const columnOption = (name: string) => ({ id: columnId(name), name: `the column “${name}”` });
