/**
 * Batch, second half: pairs laid end to end in one row of tokens, without padding, for kernels that work on packed rows.
 *
 * The prompt of a pair stands once, before both sides: chosen and rejected rows each attend to it and to their own side.
 * The last token of a side is left out of the rows, because nothing is predicted from it and nothing attends to it; it is
 * still a target. So a pair of prompt P, chosen C, rejected R tokens takes P + (C − 1) + (R − 1) rows.
 *
 * Row i attends to keys [prefixStart, prefixEnd) ∪ [ownStart, i]; key j is seen by exactly the rows [j, queryEnd_j) that
 * belong to it, so the backward pass needs no search.
 */
import type { TokenizedPair } from './tokenize.ts';

/** Columns of `layout`. */
export const LAYOUT_WIDTH = 4;

export interface PackedBatch {
	/** Pairs in the batch. */
	pairs: number;
	/** [T] token ids; T is `tokens` rounded up to the row bucket. Padding rows hold 0 and see only themselves. */
	ids: Int32Array;
	/** [T] positions inside the sequence, for RoPE. */
	positions: Int32Array;
	/** [T, 4] prefixStart, prefixEnd, ownStart, queryEnd. */
	layout: Int32Array;
	/** Rows that are not padding. */
	tokens: number;
	/** [N] the row whose hidden state predicts the target; N is `predicted` rounded up to the target bucket. */
	rows: Int32Array;
	/** [N] token ids to predict. */
	targets: Int32Array;
	/** [N] 2·pair for chosen, 2·pair + 1 for rejected; padding has 2·pairs, one segment more than is used. */
	segment: Int32Array;
	/** Targets that are not padding. */
	predicted: number;
	/** 2·pairs + 1: the count for segment sums. */
	segments: number;
	/** [pairs] predicted tokens of each side. */
	chosenTokens: Int32Array;
	rejectedTokens: Int32Array;
	/** Tokens as TRL counts them (`num_tokens`): both sides with their prompt each. */
	numTokens: number;
}

export interface PackOptions {
	/** T is a multiple of this: buffers are pooled by size, so few sizes are better than exact ones. */
	rowBucket?: number;
	/** N is a multiple of this. */
	targetBucket?: number;
	/** False lays each side with a prompt of its own: the same numbers at more cost, for checks and comparisons. */
	sharePrompt?: boolean;
}

/** Rows and targets while they grow. */
interface Rows {
	ids: number[];
	positions: number[];
	layout: number[];
	rows: number[];
	targets: number[];
	segment: number[];
}

/** The last prompt token predicts the first completion token; every row but the last predicts its successor. */
function pushSide(
	out: Rows,
	sideIds: readonly number[],
	segment: number,
	prompt: { start: number; length: number },
): number {
	const ownStart = out.ids.length;
	const inputs = Math.max(0, sideIds.length - 1);
	let predicted = 0;
	for (const [k, id] of sideIds.entries()) {
		// Without a prompt nothing comes before the first token, so it is not predicted.
		const row = k === 0 ? prompt.start + prompt.length - 1 : ownStart + k - 1;
		if (k > 0 || prompt.length > 0) {
			out.rows.push(row);
			out.targets.push(id);
			out.segment.push(segment);
			predicted++;
		}
		if (k === inputs) break;
		out.ids.push(id);
		out.positions.push(prompt.length + k);
		out.layout.push(prompt.start, prompt.start + prompt.length, ownStart, ownStart + inputs);
	}
	return predicted;
}

function pushPrompt(out: Rows, promptIds: readonly number[]): { start: number; length: number } {
	const start = out.ids.length;
	for (const [position, id] of promptIds.entries()) {
		out.ids.push(id);
		out.positions.push(position);
		// queryEnd is known only when the sides that read this prompt are laid.
		out.layout.push(start, start, start, 0);
	}
	return { start, length: promptIds.length };
}

function closePrompt(out: Rows, prompt: { start: number; length: number }): void {
	for (let row = prompt.start; row < prompt.start + prompt.length; row++) {
		out.layout[row * LAYOUT_WIDTH + 3] = out.ids.length;
	}
}

function roundUp(value: number, multiple: number): number {
	return Math.ceil(value / multiple) * multiple;
}

function padded(list: readonly number[], length: number, fill: number): Int32Array {
	const out = new Int32Array(length).fill(fill);
	out.set(list);
	return out;
}

function paddedLayout(layout: readonly number[], rows: number): Int32Array {
	const out = new Int32Array(rows * LAYOUT_WIDTH);
	out.set(layout);
	for (let row = layout.length / LAYOUT_WIDTH; row < rows; row++)
		out.set([0, 0, row, row + 1], row * LAYOUT_WIDTH);
	return out;
}

/**
 * Packs tokenised pairs.
 *
 * @example prompt [1 2], chosen [3 4 5], rejected [6 7] become
 *          ids       1 2 3 4 6      positions 0 1 2 3 2
 *          rows      1 2 3 1 4      targets   3 4 5 6 7     segment 0 0 0 1 1
 */
export function packPairs(pairs: readonly TokenizedPair[], options: PackOptions = {}): PackedBatch {
	const { rowBucket = 16, targetBucket = 16, sharePrompt = true } = options;
	const out: Rows = { ids: [], positions: [], layout: [], rows: [], targets: [], segment: [] };
	const chosenTokens = new Int32Array(pairs.length);
	const rejectedTokens = new Int32Array(pairs.length);
	let numTokens = 0;
	for (const [i, pair] of pairs.entries()) {
		let prompt = pushPrompt(out, pair.promptIds);
		chosenTokens[i] = pushSide(out, pair.chosenIds, 2 * i, prompt);
		if (!sharePrompt) {
			closePrompt(out, prompt);
			prompt = pushPrompt(out, pair.promptIds);
		}
		rejectedTokens[i] = pushSide(out, pair.rejectedIds, 2 * i + 1, prompt);
		closePrompt(out, prompt);
		numTokens += 2 * pair.promptIds.length + pair.chosenIds.length + pair.rejectedIds.length;
	}
	const rows = roundUp(out.ids.length, rowBucket);
	const targets = roundUp(out.targets.length, targetBucket);
	return {
		pairs: pairs.length,
		ids: padded(out.ids, rows, 0),
		positions: padded(out.positions, rows, 0),
		layout: paddedLayout(out.layout, rows),
		tokens: out.ids.length,
		rows: padded(out.rows, targets, 0),
		targets: padded(out.targets, targets, 0),
		segment: padded(out.segment, targets, 2 * pairs.length),
		predicted: out.targets.length,
		segments: 2 * pairs.length + 1,
		chosenTokens,
		rejectedTokens,
		numTokens,
	};
}
