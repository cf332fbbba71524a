/**
 * Position of the LoRA adapter of one fused projection: A and B are ranges of the flat parameter tensor.
 *
 * W is [N, K] and may be several projections stacked by rows (qkv, gate_up). Each adapted projection is a
 * block: output rows rowStart..rowEnd use A rows aRow..aRow+rank. A is [blocks·rank, K] at aOffset; B is [N',
 * rank] at bOffset, where N' counts the rows that blocks cover, in block order. Rows outside every block have
 * no adapter.
 */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { ShapeError } from '#core/errors.ts';

export interface LoraBlock {
	readonly rowStart: number;
	readonly rowEnd: number;
	/** First row of A: block i has aRow = i·rank. */
	readonly aRow: number;
}

export interface LoraSlot {
	/** All trainable parameters, flat. */
	readonly params: Tensor1D;
	/** In floats; multiples of 4. */
	readonly aOffset: number;
	readonly bOffset: number;
	/** A multiple of 4; see {@link paddedRank}. */
	readonly rank: number;
	/** alpha / rank, with the rank before padding. */
	readonly scaling: number;
	/** Ordered by rowStart, not overlapping. */
	readonly blocks: readonly LoraBlock[];
}

/**
 * Rank that a slot needs for an adapter of rank r: the next multiple of 4.
 *
 * Fill the added rows of A and columns of B with zeros: their gradients are then exactly 0, so they stay zero
 * under AdamW.
 */
export function paddedRank(rank: number): number {
	return Math.ceil(rank / 4) * 4;
}

/** Rows of A, which is also the width of x·Aᵀ. */
export function loraWidth(slot: LoraSlot): number {
	return slot.blocks.length * slot.rank;
}

/** Rank quads per thread: two if the rank allows, otherwise one. */
export function rankQuads(rank: number): number {
	return rank % 8 === 0 ? 2 : 1;
}

/** A block with its first row in B. */
export interface PlacedBlock extends LoraBlock {
	readonly bRow: number;
}

export function placedBlocks(slot: Pick<LoraSlot, 'blocks'>): PlacedBlock[] {
	let bRow = 0;
	return slot.blocks.map((block) => {
		const placed = { ...block, bRow };
		bRow += block.rowEnd - block.rowStart;
		return placed;
	});
}

/** @throws ShapeError if a slot does not fit a weight of N rows */
export function checkSlot(op: string, slot: LoraSlot, N: number): void {
	const fail = (message: string): never => {
		throw new ShapeError(`${op}: ${message}.`, {
			code: 'lora-slot',
			hint: 'See LoraSlot in kernels/linear/lora.ts.',
		});
	};
	const { rank, aOffset, bOffset, blocks } = slot;
	if (rank % 4 !== 0 || rank < 4) fail(`the rank of a slot must be a multiple of 4, got ${rank}`);
	if (aOffset % 4 !== 0 || bOffset % 4 !== 0)
		fail(`offsets must be multiples of 4, got ${aOffset} and ${bOffset}`);
	let last = 0;
	blocks.forEach(({ rowStart, rowEnd, aRow }, i) => {
		const rows = `${rowStart}..${rowEnd}`;
		if (rowStart < last || rowEnd <= rowStart || rowEnd > N) fail(`block ${i} has rows ${rows} of ${N}`);
		if (rowStart % 4 !== 0 || rowEnd % 4 !== 0)
			fail(`block ${i} must start and end at multiples of 4: ${rows}`);
		if (aRow !== i * rank) fail(`block ${i} must have aRow ${i * rank}, got ${aRow}`);
		last = rowEnd;
	});
	if (blocks.length === 0) fail('a slot needs at least one block');
}
