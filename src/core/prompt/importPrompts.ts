/**
 * Imports the user's prompts from a file or a text field: one per line or paragraph, a table, JSON in any container, Parquet.
 * Unusable rows are listed with line and reason; a file without any usable row is refused with a hint.
 */
import { FormatError } from '../errors.ts';
import { openRowFile, type FileContent, type ParquetReader } from '../format/rowFile.ts';
import { isInvisible } from '../format/visible.ts';
import { hash64 } from '../math/hash.ts';
import { textFault } from './messages.ts';
import type { Prompt, PromptSet, SkippedRow } from './prompt.ts';
import { heldOutTwins, twinReason } from './overlap.ts';
import { reasonsOf } from './skipped.ts';
import { isHeldOut } from './split.ts';
import { expectUsableSize, PROMPT_LIMITS, promptsTooLarge } from './promptLimits.ts';
import { objectPrompts } from './jsonPrompts.ts';
import type { Layout, PromptRow, PromptRows } from './layout.ts';
import { readPromptRows } from './promptRows.ts';

export interface PromptImport {
	set: PromptSet;
	/** The file's line of each prompt. */
	lines: readonly number[];
	/** True for each prompt that is held out. */
	heldOut: readonly boolean[];
	/** Rows that are no prompt, with the reason. */
	skipped: readonly SkippedRow[];
	/** Rows of which a part was left out, with that part. */
	noted: readonly SkippedRow[];
	/** Where the prompts are in the file, and where they could be; null if there is no choice. */
	layout: Layout | null;
}

const promptOf = (text: string): Prompt => ({ id: `u-${hash64(text)}`, text, family: null });

/** Texts and ids of the prompts so far, with their lines. */
class Seen {
	readonly #lineOfText = new Map<string, number>();
	readonly #lineOfId = new Map<string, number>();

	/** Why the prompt cannot be added; null if it was. */
	add({ id, text }: Prompt, line: number): string | null {
		const twin = this.#lineOfText.get(text);
		if (twin !== undefined) return `the same as line ${twin}`;
		const other = this.#lineOfId.get(id);
		if (other !== undefined) return `has the id of line ${other}; change a letter of one of the two`;
		this.#lineOfText.set(text, line);
		this.#lineOfId.set(id, line);
		return null;
	}
}

/** Separates the prompts from the skipped rows. */
function sortRows(rows: readonly PromptRow[], source: string): Omit<PromptImport, 'layout'> {
	const prompts: Prompt[] = [];
	const lines: number[] = [];
	const heldOut: boolean[] = [];
	const skipped: SkippedRow[] = [];
	const noted: SkippedRow[] = [];
	const seen = new Seen();
	for (const row of rows) {
		const { line, raw } = row;
		const prompt = promptOf('text' in row ? row.text.trim() : '');
		const reason = refusal(row, prompt) ?? seen.add(prompt, line);
		if (reason !== null) {
			skipped.push({ line, text: raw, reason });
			continue;
		}
		if ('note' in row) noted.push({ line, text: raw, reason: row.note });
		prompts.push(prompt);
		lines.push(line);
		heldOut.push(isHeldOut(prompt.text));
		if (prompts.length > PROMPT_LIMITS.prompts) {
			throw promptsTooLarge(
				source,
				`has more than ${PROMPT_LIMITS.prompts} prompts`,
				`${PROMPT_LIMITS.prompts}`,
			);
		}
	}
	return withoutTwins({ set: { name: source, source, prompts }, lines, heldOut, skipped, noted });
}

/** Without the prompts that are also held out. */
function withoutTwins(read: Omit<PromptImport, 'layout'>): Omit<PromptImport, 'layout'> {
	const { set, lines, heldOut, skipped, noted } = read;
	const twins = heldOutTwins(
		set.prompts.map(({ text }, i) => ({ prompt: text, heldOut: heldOut[i] === true })),
	);
	if (twins.size === 0) return read;
	const stays = (_: unknown, i: number): boolean => !twins.has(i);
	const left = [...twins].map(([i, twin]): SkippedRow => ({
		line: lines[i] ?? 0,
		text: set.prompts[i]?.text ?? '',
		reason: twinReason(lines[twin] ?? 0),
	}));
	return {
		set: { ...set, prompts: set.prompts.filter(stays) },
		lines: lines.filter(stays),
		heldOut: heldOut.filter(stays),
		skipped: [...skipped, ...left].toSorted((a, b) => a.line - b.line),
		noted,
	};
}

/** Why a row's text cannot be a prompt; null if it can. */
function refusal(row: PromptRow, { text }: Prompt): string | null {
	if ('reason' in row) return row.reason;
	return isInvisible(text) ? 'empty' : textFault(text);
}

function importRows(source: string, { rows, layout }: PromptRows): PromptImport {
	const sorted = sortRows(rows, source);
	if (sorted.set.prompts.length > 0) return { ...sorted, layout };
	const why = reasonsOf(sorted.skipped.filter(({ reason }) => reason !== 'empty'));
	throw new FormatError(`${source} holds no usable prompt: ${why}.`, {
		code: 'prompts-none',
		hint: 'Give one prompt per line, a table with a column “prompt”, or JSON with {"prompt": "…"}.',
		context: { source, skipped: sorted.skipped.length },
	});
}

/**
 * Reads prompts from text.
 *
 * @param source the file's name; its ending may decide the form
 * @param chosen id of a place from {@link Layout.options}; null to choose by names and content
 * @throws FormatError if there is no usable prompt or there are too many
 */
export function readPrompts(source: string, text: string, chosen: string | null = null): PromptImport {
	return importRows(source, readPromptRows(source, text.replace(/^\uFEFF/, ''), chosen));
}

function readContent(source: string, content: FileContent, chosen: string | null): PromptImport {
	if ('rows' in content) return importRows(source, objectPrompts(content.rows, chosen));
	return importRows(source, readPromptRows(content.name, content.text, chosen));
}

/**
 * Reads prompts from a file.
 *
 * @throws FormatError if the file is too large, is no text, or has no usable prompt
 */
export async function importPrompts(
	name: string,
	bytes: Uint8Array<ArrayBuffer>,
	readParquet: ParquetReader,
	chosen: string | null = null,
): Promise<PromptImport> {
	expectUsableSize(name, bytes.length);
	const content = await openRowFile(name, bytes, {
		limit: PROMPT_LIMITS.bytes,
		tooLarge: promptsTooLarge,
		readParquet,
	});
	return readContent(name, content, chosen);
}
