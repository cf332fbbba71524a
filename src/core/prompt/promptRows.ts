/** The rows of a prompt file in any form, before their texts are checked. */
import { readJsonRows } from '../format/jsonRows.ts';
import { markdownTable } from '../format/markdownTable.ts';
import { isNotebook, notationRows } from '../format/notation.ts';
import { looksLikeTable } from '../format/table.ts';
import { REQUEST_KEYS } from './columns.ts';
import { isPromptRow, jsonPrompts, rowsIfJson } from './jsonPrompts.ts';
import { LINE, PARAGRAPH, type PromptRows } from './layout.ts';
import { linePrompts } from './linePrompts.ts';
import { tablePrompts } from './tablePrompts.ts';

/** The text's lines or paragraphs, with the places that the file offers besides. */
function asText(name: string, text: string, chosen: string): PromptRows {
	const read = linePrompts(text, chosen, false);
	const others = readPromptRows(name, text, null).layout;
	const isOffered = others?.options.some(({ id }) => id === chosen) === true;
	return isOffered ? { ...read, layout: { ...others, chosen } } : read;
}

/** In Markdown, bars make a table and commas do not. */
const isTable = (text: string, isMarkdown: boolean): boolean =>
	isMarkdown ? markdownTable(text) !== null : looksLikeTable(text, REQUEST_KEYS);

/**
 * The rows of a prompt file. The name's ending decides; without a known one, the content does.
 *
 * @param chosen id of a place from {@link Layout.options}; null to choose by names and content
 */
export function readPromptRows(name: string, text: string, chosen: string | null): PromptRows {
	const ending = /\.(\w+)$/.exec(name.toLowerCase().replace(/\.gz$/, ''))?.[1] ?? '';
	if (chosen === LINE.id || chosen === PARAGRAPH.id) return asText(name, text, chosen);
	if (/^(jsonl|ndjson|json|jsonc|json5)$/.test(ending) && !isNotebook(text))
		return jsonPrompts(readJsonRows(text, isPromptRow), text, chosen);
	const listed = notationRows(name, text, isPromptRow);
	if (listed !== null) return jsonPrompts(listed, text, chosen);
	const json = rowsIfJson(text);
	if (json !== null) return jsonPrompts(json, text, chosen);
	const isMarkdown = ending === 'md' || ending === 'markdown';
	if (/^(csv|tsv|tab)$/.test(ending) || isTable(text, isMarkdown)) return tablePrompts(text, chosen);
	return linePrompts(text, chosen, isMarkdown);
}
