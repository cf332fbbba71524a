/**
 * Batch, second half: joins examples end to end into one row of tokens, without padding, for kernels on
 * packed rows.
 *
 * A pair has its prompt once, before both sides; rows of either side attend to the prompt and to their own
 * side. An unpaired example is a prompt and one side. The last token of a side is a target but has no row,
 * because no prediction and no other row reads it. A pair with P, C and R tokens of prompt, chosen and
 * rejected therefore takes P + (C − 1) + (R − 1) rows.
 *
 * Row i attends to keys [prefixStart, prefixEnd) ∪ [ownStart, i]; key j is seen by exactly the rows [j, queryEnd_j) that
 * belong to it, so the backward pass needs no search.
 */
import {
	CHOSEN,
	NO_SEGMENT,
	REJECTED,
	segmentsOf,
	UNPAIRED,
	type Segment,
	type Segments,
} from './segments.ts';
import { sidesOf, tokensOf, type TokenizedExample } from './tokenize.ts';

/** Columns of `layout`. */
export const LAYOUT_WIDTH = 4;

export interface PackedBatch {
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
	/** [N] the segment that the target belongs to; {@link NO_SEGMENT} for padding. */
	segment: Int32Array;
	/** Targets that are not padding. */
	predicted: number;
	/** One for each completion, in the order of the examples: if all are pairs, 2i is the chosen one of pair i, 2i + 1 the rejected. */
	segments: Segments;
	/** Tokens as TRL counts them (`num_tokens`): every completion with its prompt. */
	numTokens: number;
}

export interface PackOptions {
	/** T is a multiple of this, because buffers are pooled by size and few sizes pool better. */
	rowBucket?: number;
	/** N is a multiple of this. */
	targetBucket?: number;
	/**
	 * False repeats the prompt for each side of a pair: the same numbers at more cost, for checks and
	 * comparisons.
	 */
	sharePrompt?: boolean;
}

/** Rows and targets under construction. */
interface Rows {
	ids: number[];
	positions: number[];
	layout: number[];
	rows: number[];
	targets: number[];
	segment: number[];
	segments: Segment[];
}

/** Rows of a side: its last token is only a target. */
function inputsOf(sideIds: readonly number[]): number {
	return Math.max(0, sideIds.length - 1);
}

/** The last prompt token predicts the first completion token; every row but the last predicts its successor. */
function pushSide(
	out: Rows,
	sideIds: readonly number[],
	segment: number,
	prompt: { start: number; length: number },
): number {
	const ownStart = out.ids.length;
	const inputs = inputsOf(sideIds);
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
		// queryEnd is known only after the last side that reads this prompt.
		out.layout.push(start, start, start, 0);
	}
	return { start, length: promptIds.length };
}

function closePrompt(out: Rows, prompt: { start: number; length: number }): void {
	for (let row = prompt.start; row < prompt.start + prompt.length; row++) {
		out.layout[row * LAYOUT_WIDTH + 3] = out.ids.length;
	}
}

/** The smallest multiple of `multiple` that is at least `value`. */
export function roundUp(value: number, multiple: number): number {
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

/** Prompt and sides of one example. */
function pushExample(out: Rows, example: TokenizedExample, sharePrompt: boolean): void {
	const sides = sidesOf(example);
	const first = out.segments.length;
	let prompt = pushPrompt(out, example.promptIds);
	for (const [i, { ids, chosen }] of sides.entries()) {
		if (i > 0 && !sharePrompt) {
			closePrompt(out, prompt);
			prompt = pushPrompt(out, example.promptIds);
		}
		out.segments.push({
			label: chosen ? CHOSEN : REJECTED,
			partner: sides.length === 2 ? first + 1 - i : UNPAIRED,
			length: pushSide(out, ids, first + i, prompt),
			weight: example.weight ?? 1,
		});
	}
	closePrompt(out, prompt);
}

/** Rows, targets and segments of packed examples, without padding. */
export interface PackedCounts {
	rows: number;
	targets: number;
	segments: number;
}

/** The counts of {@link packBatch} with shared prompts, without packing. */
export function packedCounts(examples: readonly TokenizedExample[]): PackedCounts {
	const counts = { rows: 0, targets: 0, segments: 0 };
	for (const example of examples) {
		const prompt = example.promptIds.length;
		counts.rows += prompt;
		for (const { ids } of sidesOf(example)) {
			const inputs = inputsOf(ids);
			counts.rows += inputs;
			counts.targets += prompt > 0 ? ids.length : inputs;
			counts.segments += 1;
		}
	}
	return counts;
}

/**
 * Packs tokenised examples.
 *
 * @example prompt [1 2], chosen [3 4 5], rejected [6 7] become
 *          ids       1 2 3 4 6      positions 0 1 2 3 2
 *          rows      1 2 3 1 4      targets   3 4 5 6 7     segment 0 0 0 1 1
 */
export function packBatch(examples: readonly TokenizedExample[], options: PackOptions = {}): PackedBatch {
	const { rowBucket = 16, targetBucket = 16, sharePrompt = true } = options;
	const out: Rows = { ids: [], positions: [], layout: [], rows: [], targets: [], segment: [], segments: [] };
	for (const example of examples) pushExample(out, example, sharePrompt);
	const rows = roundUp(out.ids.length, rowBucket);
	const targets = roundUp(out.targets.length, targetBucket);
	return {
		ids: padded(out.ids, rows, 0),
		positions: padded(out.positions, rows, 0),
		layout: paddedLayout(out.layout, rows),
		tokens: out.ids.length,
		rows: padded(out.rows, targets, 0),
		targets: padded(out.targets, targets, 0),
		segment: padded(out.segment, targets, NO_SEGMENT),
		predicted: out.targets.length,
		segments: segmentsOf(out.segments),
		numTokens: examples.reduce((sum, example) => sum + tokensOf(example), 0),
	};
}
