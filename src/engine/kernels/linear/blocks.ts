/**
 * LoRA blocks as uniforms, so that all projections of a model share one program.
 *
 * Each block has four numbers, in quads except bRow: start, end (columns of y), a (first quad of xa), b
 * (first row of B).
 */
import { ShapeError } from '#core/errors.ts';
import { unroll, type Uniform } from '../../gpu/wgsl.ts';
import { loraWidth, placedBlocks, type LoraSlot } from './lora.ts';

/** qkv has three blocks; no projection has more. */
const MOST_BLOCKS = 3;

const BLOCK_UNIFORMS: readonly Uniform[] = Array.from({ length: MOST_BLOCKS }, (_, i) =>
	(['start', 'end', 'a', 'b'] as const).map((name) => [`${name}${i}`, 'u32'] as const),
).flat();

/** Values of {@link BLOCK_UNIFORMS}; absent blocks are empty. */
function blockValues(lora: LoraSlot): number[] {
	const placed = placedBlocks(lora);
	if (placed.length > MOST_BLOCKS) {
		throw new ShapeError(`A LoRA slot has ${placed.length} blocks; at most ${MOST_BLOCKS} are supported.`, {
			code: 'lora-slot',
		});
	}
	const values = placed.flatMap(({ rowStart, rowEnd, aRow, bRow }) => [
		rowStart / 4,
		rowEnd / 4,
		aRow / 4,
		bRow,
	]);
	return [...values, ...new Array<number>(4 * MOST_BLOCKS - values.length).fill(0)];
}

/** Uniforms that a program needs to find its block of an adapter. */
export const LORA_UNIFORMS: readonly Uniform[] = [
	['bOffset', 'u32'],
	['xaQuads', 'u32'],
	['rankQuads', 'u32'],
	...BLOCK_UNIFORMS,
];

/** Values of {@link LORA_UNIFORMS} without an adapter: no block matches. */
export const NO_LORA: readonly number[] = LORA_UNIFORMS.map(() => 0);

const valuesOfSlot = new WeakMap<LoraSlot, readonly number[]>();

/**
 * Values of {@link LORA_UNIFORMS}, cached because a slot lives as long as a run and is queried four times a
 * step.
 */
export function loraValues(lora: LoraSlot): readonly number[] {
	let values = valuesOfSlot.get(lora);
	if (values === undefined) {
		values = [lora.bOffset / 4, loraWidth(lora) / 4, lora.rank / 4, ...blockValues(lora)];
		valuesOfSlot.set(lora, values);
	}
	return values;
}

/** WGSL that runs `then(i)` if `condition(i)` is true, for each block i. */
export function inBlock(condition: (i: number) => string, then: (i: number) => string): string {
	return unroll(MOST_BLOCKS, (i) => `if (${condition(i)}) { ${then(i)} }`);
}

/** True if every block starts and ends at a multiple of `size` rows of y. */
export function blocksAligned(lora: LoraSlot, size: number): boolean {
	return lora.blocks.every(({ rowStart, rowEnd }) => rowStart % size === 0 && rowEnd % size === 0);
}

/** Total rows of B. */
export function coveredRows(lora: LoraSlot): number {
	return lora.blocks.reduce((sum, { rowStart, rowEnd }) => sum + rowEnd - rowStart, 0);
}
