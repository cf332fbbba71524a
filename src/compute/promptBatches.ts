/** The prompts of a request as token ids, in batches that are answered together; prompts that cannot be answered are refused. */
import {
	emptyText,
	faultOf,
	isEmptyText,
	promptTooLong,
	unreadableText,
	type RowFault,
} from '#core/batch/rowFaults.ts';
import type { TextTools } from '#core/batch/tokenize.ts';
import type { Message } from '#core/output/output.ts';
import type { AnswersOnTheWay } from '#core/ports.ts';
import type { GenerateRow } from '#model/generate.ts';

/** Prompts in one batch. */
const BATCH_PROMPTS = 32;

/** A prompt with its place in the request. */
export interface PlacedRow {
	index: number;
	row: GenerateRow;
}

export interface PromptBatches {
	batches: readonly (readonly PlacedRow[])[];
	refused: readonly { index: number; error: RowFault['error'] }[];
}

/**
 * @param limit the most tokens that a prompt may have
 * @returns row i draws from seed + i, also if earlier prompts are refused
 */
export function promptBatches(
	{ prompts, sampling }: AnswersOnTheWay,
	tools: TextTools,
	limit: number,
): PromptBatches {
	const { maxTokens, temperature, topP, seed } = sampling;
	const rows: PlacedRow[] = [];
	const refused: { index: number; error: RowFault['error'] }[] = [];
	for (const [index, messages] of prompts.entries()) {
		try {
			const ids = promptIds(messages, tools, limit);
			rows.push({ index, row: { ids, maxTokens, temperature, topP, seed: seed + index } });
		} catch (thrown) {
			refused.push({ index, error: faultOf(unreadableText(thrown)) });
		}
	}
	const batches = Array.from({ length: Math.ceil(rows.length / BATCH_PROMPTS) }, (_, i) =>
		rows.slice(i * BATCH_PROMPTS, (i + 1) * BATCH_PROMPTS),
	);
	return { batches, refused };
}

/** The rows alone, for a memory plan. */
export function rowsOf({ batches }: PromptBatches): GenerateRow[][] {
	return batches.map((batch) => batch.map(({ row }) => row));
}

/** @throws FormatError with the code of a row fault */
function promptIds(messages: readonly Message[], tools: TextTools, limit: number): number[] {
	if (isEmptyText(messages.at(-1)?.content ?? '', tools)) throw emptyText('prompt');
	const ids = tools.tokenizer.encode(tools.renderChat(messages, true));
	if (ids.length === 0) throw emptyText('prompt');
	if (ids.length > limit) throw promptTooLong(ids.length, limit);
	return ids;
}
