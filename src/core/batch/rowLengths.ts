/** Tokens of imported rows, and which of them a recipe and its model cannot use. */
import type { PreferencePair } from '../pair/pair.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { tooLong } from './length.ts';
import { pairAsChat, tokenizePair, type TextTools } from './tokenize.ts';

/** Tokens of one row as the model reads it, with its chat template. */
export interface RowTokens {
	prompt: number;
	/** The longer side of a pair; 0 for a prompt without answers. */
	answer: number;
}

/** Lengths of a list of rows, in its order. */
export interface RowLengths {
	/** Id of the model whose tokenizer counted. */
	model: string;
	/** Positions of the model: prompt and answer share them. */
	positions: number;
	/** Null for a row that the tokenizer or the chat template refused. */
	rows: readonly (RowTokens | null)[];
}

/** A prompt with the marker that opens the answer. @throws FormatError if the chat template refuses it */
export function promptTokens(text: string, tools: TextTools): RowTokens {
	const chat = tools.renderChat([{ role: 'user', content: text }], true);
	return { prompt: tools.tokenizer.encode(chat).length, answer: 0 };
}

/** @throws FormatError if the chat template refuses the pair */
export function pairTokens(pair: PreferencePair, tools: TextTools): RowTokens {
	const { promptIds, chosenIds, rejectedIds } = tokenizePair(pair.id, pairAsChat(pair), tools);
	return { prompt: promptIds.length, answer: Math.max(chosenIds.length, rejectedIds.length) };
}

/** A row that a run cannot use, or uses in part. */
export interface LengthFault {
	/** Index in the list. */
	index: number;
	reason: string;
	/** True if the run leaves the row out; false if it cuts the answer. */
	leftOut: boolean;
}

/** Most tokens of a prompt to which a model can still give an answer, as the model's engines check it. */
const promptLimit = (positions: number): number => positions - 1;

function promptFault({ prompt }: RowTokens, limit: number): string | null {
	return prompt > limit ? `the prompt is ${tooLong(prompt, limit)}` : null;
}

/** Prompts to which the recipe's model cannot answer. */
export function longPrompts({ rows, positions }: RowLengths): readonly LengthFault[] {
	return faults(rows, (row) => {
		const reason = promptFault(row, promptLimit(positions));
		return reason === null ? null : { reason, leftOut: true };
	});
}

/**
 * Pairs that training leaves out, because the prompt alone fills `maxLength`, or cuts, because an answer goes beyond it.
 *
 * @source trl 1.16 DPOConfig.max_length with `keep_start`; truncatePair does the same in training
 */
export function longPairs(
	{ rows, positions }: RowLengths,
	{ maxLength }: Pick<Recipe['training'], 'maxLength'>,
): readonly LengthFault[] {
	const limit = Math.min(maxLength, positions);
	return faults(rows, (row) => {
		const reason = promptFault(row, limit - 1);
		if (reason !== null) return { reason, leftOut: true };
		const room = limit - row.prompt;
		if (row.answer <= room) return null;
		return {
			reason: `an answer is ${tooLong(row.answer, room)} after a prompt of ${row.prompt}; its end is cut off`,
			leftOut: false,
		};
	});
}

function faults(
	rows: RowLengths['rows'],
	faultOf: (row: RowTokens) => Omit<LengthFault, 'index'> | null,
): readonly LengthFault[] {
	return rows.flatMap((row, index): LengthFault[] => {
		const fault =
			row === null
				? { reason: 'the model’s tokenizer or chat template refuses this text', leftOut: true }
				: faultOf(row);
		return fault === null ? [] : [{ index, ...fault }];
	});
}
