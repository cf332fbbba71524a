/** Prompts of a plain text: one per line, one per paragraph, or the entries of a list. */
import { bareKey } from '../format/columnKey.ts';
import { linesOf } from '../format/text.ts';

export interface TextRow {
	line: number;
	/** As the file has it. */
	raw: string;
	text: string;
	/** Why the row is no prompt; absent if it may be one. */
	reason?: string;
}

/** The sign of an entry of a list, also with a box to tick. */
const MARKER = /^\s*(?:\(?\d{1,5}[.):]|[-*+•–—])[ \t]+(?:\[[ x]\][ \t]+)?/i;
/** The first line of a list that was a table of one column. */
const HEADER =
	/^\s*(?:(?:prompts?|instructions?|questions?)\s*(?:[([][^()[\]]*[)\]])?|prompts?\s+(?:for|from|in|of|to)(?:\s+\S+){1,3})\s*$/i;
/** Names of such a column in any spelling: `user_prompt`, `promptText`, “Test questions”. */
const HEADER_KEYS: ReadonlySet<string> = new Set([
	...['prompt', 'prompts', 'instruction', 'instructions', 'question', 'questions', 'user_input'],
]);
const LONGEST_HEADER = 40;

const isHeader = (line: string): boolean =>
	HEADER.test(line) ||
	(line.length <= LONGEST_HEADER && !/[.?!:,]\s*$/.test(line) && HEADER_KEYS.has(bareKey(line)));

const HEADING = /^#{1,6}\s/;

const isBlank = (text: string): boolean => text.trim() === '';

export interface Line {
	line: number;
	text: string;
}

export function filledLines(text: string): Line[] {
	return [...linesOf(text)].filter((line) => !isBlank(line.text));
}

/** True if every line is an entry of a list. */
function isList(lines: readonly Line[]): boolean {
	return lines.length > 1 && lines.every(({ text }) => MARKER.test(text));
}

/** @param markdown true if headings and lists have their meaning in any line */
export function lineRows(text: string, markdown: boolean): TextRow[] {
	const lines = filledLines(text);
	const strips = markdown || isList(lines);
	return lines.map(({ line, text: raw }, i): TextRow => {
		if (markdown && HEADING.test(raw)) return { line, raw, text: '', reason: 'a heading' };
		if (i === 0 && lines.length > 1 && isHeader(raw))
			return { line, raw, text: '', reason: 'names the column' };
		return { line, raw, text: strips ? raw.replace(MARKER, '') : raw };
	});
}

/** Blocks of lines between blank lines. */
function blocksOf(text: string): Line[][] {
	const blocks: Line[][] = [];
	let open = false;
	for (const line of linesOf(text)) {
		if (isBlank(line.text)) open = false;
		else if (open) blocks.at(-1)?.push(line);
		else {
			blocks.push([line]);
			open = true;
		}
	}
	return blocks;
}

export function paragraphRows(text: string): TextRow[] {
	return blocksOf(text).map((lines) => {
		const raw = lines.map((line) => line.text).join('\n');
		return { line: lines[0]?.line ?? 1, raw, text: raw };
	});
}

/** True if blank lines separate blocks of which some have several lines: then there is a choice. */
export function hasParagraphs(text: string): boolean {
	const blocks = blocksOf(text);
	return blocks.length > 1 && blocks.some((block) => block.length > 1);
}

/** A line that goes on in the next one. */
const goesOn = ({ text }: Line): boolean => /[:：,，;\\-]\s*$/.test(text);

/** True if most blocks begin with a line that other blocks have too, and have more lines. */
function repeatsLines(blocks: readonly (readonly Line[])[]): boolean {
	const firsts = blocks.filter((block) => block.length > 1).map(([first]) => first?.text.trim() ?? '');
	const repeated = firsts.filter((text, i) => firsts.indexOf(text) !== i || firsts.lastIndexOf(text) !== i);
	return repeated.length > blocks.length / 2;
}

/** Blocks that are compared; one decides for a long file too. */
const SAMPLE_BLOCKS = 200;

/**
 * True if the blocks of a text are prompts of several lines: half of them have a line that goes on in the next one, or most
 * begin with the same line. Otherwise each line is a prompt, so that two prompts never become one.
 */
export function readsAsParagraphs(text: string): boolean {
	const blocks = blocksOf(text).slice(0, SAMPLE_BLOCKS);
	if (blocks.length < 2 || isList(blocks.flat())) return false;
	const going = blocks.filter((block) => block.slice(0, -1).some(goesOn)).length;
	return going >= blocks.length / 2 || repeatsLines(blocks);
}
