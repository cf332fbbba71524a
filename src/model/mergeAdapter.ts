/**
 * A model whose projections contain the adapter: for generation, which reads the projections for every token, and for runs that
 * begin from an adapter.
 */
import { mergeLora } from '#engine/kernels/mergeLora/mergeLora.ts';
import { disposeWeight, weightShape, type Weight } from '#engine/weight.ts';
import { isBlockFormat } from '#core/format/numberFormat.ts';
import type { Decoder } from './decoder.ts';
import type { LoraBinding } from './lora.ts';
import type { BlockWeights } from './weights.ts';

export interface MergedModel {
	model: Decoder;
	/** Frees the copies; the model's own weights remain. */
	dispose(): void;
}

/**
 * @returns null if the copies would take more than `mostBytes`, or if a weight is in blocks: its copy in f32 would
 *   take more than six times its memory and traffic
 */
export function mergeAdapter(model: Decoder, lora: LoraBinding, mostBytes: number): MergedModel | null {
	const { blocks } = model.weights;
	if (
		blocks.some(({ qkv, o, gateUp, down }) => [qkv, o, gateUp, down].some(({ kind }) => isBlockFormat(kind)))
	) {
		return null;
	}
	if (mergedBytes(model, lora) > mostBytes) return null;
	const copies: Weight[] = [];
	const merge = (weight: Weight, slot: Parameters<typeof mergeLora>[1] | undefined): Weight => {
		if (slot === undefined) return weight;
		const copy = mergeLora(weight, slot);
		copies.push(copy);
		return copy;
	};
	const merged = blocks.map((block, layer): BlockWeights => {
		const slots = lora.block(layer);
		return {
			...block,
			qkv: merge(block.qkv, slots.qkv),
			o: merge(block.o, slots.o),
			gateUp: merge(block.gateUp, slots.gate_up),
			down: merge(block.down, slots.down),
		};
	});
	return {
		model: { ...model, weights: { ...model.weights, blocks: merged } },
		dispose: () => {
			for (const copy of copies) disposeWeight(copy);
		},
	};
}

/** Bytes of the copies that a merge makes. */
export function mergedBytes({ weights }: Decoder, lora: LoraBinding): number {
	return weights.blocks.reduce((sum, block, layer) => sum + adaptedBytes(block, lora.block(layer)), 0);
}

function adaptedBytes(block: BlockWeights, slots: ReturnType<LoraBinding['block']>): number {
	const parts = [
		[block.qkv, slots.qkv],
		[block.o, slots.o],
		[block.gateUp, slots.gate_up],
		[block.down, slots.down],
	] as const;
	return parts.reduce((sum, [weight, slot]) => {
		const [rows, columns] = weightShape(weight);
		return sum + (slot === undefined ? 0 : 4 * rows * columns);
	}, 0);
}
