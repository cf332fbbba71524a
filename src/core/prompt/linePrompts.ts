/** Prompts of a plain text, and the choice between its lines and its paragraphs. */
import { shown } from '../format/rows.ts';
import { LINE, PARAGRAPH, QUESTION, type PromptRow, type PromptRows } from './layout.ts';
import { questionRows } from './questionRows.ts';
import { hasParagraphs, lineRows, paragraphRows, readsAsParagraphs, type TextRow } from './lineRows.ts';

export function linePrompts(text: string, chosen: string | null, markdown: boolean): PromptRows {
	const questions = questionRows(text);
	if (questions !== null) {
		const rows = chosen === LINE.id ? lineRows(text, markdown) : questions;
		const layout = { options: [QUESTION, LINE], chosen: chosen === LINE.id ? LINE.id : QUESTION.id };
		return { rows: rows.map(promptRow), layout };
	}
	const choice = hasParagraphs(text);
	const byParagraph = choice && (chosen === PARAGRAPH.id || (chosen !== LINE.id && readsAsParagraphs(text)));
	const rows = byParagraph ? paragraphRows(text) : lineRows(text, markdown);
	return {
		rows: rows.map(promptRow),
		layout: choice ? { options: [LINE, PARAGRAPH], chosen: byParagraph ? PARAGRAPH.id : LINE.id } : null,
	};
}

function promptRow({ line, raw, text, reason }: TextRow): PromptRow {
	return reason === undefined ? { line, raw: shown(raw), text } : { line, raw: shown(raw), reason };
}
