/**
 * Packs prompts for one forward pass: each row sees its own sequence up to itself. The common start of all
 * prompts (a chat template's head, a system prompt) is stored once, at the start.
 */
import { LAYOUT_WIDTH } from '#core/batch/pack.ts';
import { at } from '#core/math/at.ts';

export interface PackedPrompts {
	/** [T]; padding rows hold 0 and see only themselves. */
	ids: Int32Array;
	positions: Int32Array;
	/** [T, 4]; see core/batch/pack.ts. */
	layout: Int32Array;
	/** [sequences] row of each sequence's last token. */
	lastRows: Int32Array;
	/** Rows that make up the sequences' caches, [W] each. A shared row belongs to every sequence. */
	cached: Record<'rows' | 'positions' | 'sequences', Int32Array>;
}

export function packPrompts(prompts: readonly (readonly number[])[], bucket = 16): PackedPrompts {
	const shared = sharedStart(prompts);
	const tokens = prompts.reduce((sum, ids) => sum + ids.length - shared, shared);
	const T = Math.max(bucket, Math.ceil(tokens / bucket) * bucket);
	const packed = {
		ids: new Int32Array(T),
		positions: new Int32Array(T),
		layout: new Int32Array(T * LAYOUT_WIDTH),
		lastRows: new Int32Array(prompts.length),
	};
	const write = (row: number, id: number, position: number, seen: readonly number[]): void => {
		packed.ids[row] = id;
		packed.positions[row] = position;
		packed.layout.set(seen, row * LAYOUT_WIDTH);
	};
	for (let row = 0; row < shared; row++) write(row, at(at(prompts, 0), row), row, [0, 0, 0, tokens]);
	let start = shared;
	for (const [sequence, ids] of prompts.entries()) {
		const end = start + ids.length - shared;
		for (let row = start; row < end; row++) {
			const position = shared + row - start;
			write(row, at(ids, position), position, [0, shared, start, end]);
		}
		packed.lastRows[sequence] = end - 1;
		start = end;
	}
	for (let row = start; row < T; row++) packed.layout.set([0, 0, row, row + 1], row * LAYOUT_WIDTH);
	return { ...packed, cached: cachedRows(prompts, shared) };
}

/**
 * Number of tokens that all prompts start with. Every prompt keeps at least one token of its own; a single
 * prompt shares nothing.
 */
function sharedStart(prompts: readonly (readonly number[])[]): number {
	const [first = [], ...others] = prompts;
	if (others.length === 0) return 0;
	const most = Math.min(...prompts.map(({ length }) => length)) - 1;
	let shared = 0;
	while (shared < most && others.every((ids) => ids[shared] === first[shared])) shared++;
	return shared;
}

function cachedRows(prompts: readonly (readonly number[])[], shared: number): PackedPrompts['cached'] {
	const rows: number[] = [];
	const positions: number[] = [];
	const sequences: number[] = [];
	let start = shared;
	for (const [sequence, ids] of prompts.entries()) {
		for (const position of ids.keys()) {
			rows.push(position < shared ? position : start + position - shared);
			positions.push(position);
			sequences.push(sequence);
		}
		start += ids.length - shared;
	}
	return {
		rows: Int32Array.from(rows),
		positions: Int32Array.from(positions),
		sequences: Int32Array.from(sequences),
	};
}
