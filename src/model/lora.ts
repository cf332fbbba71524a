/**
 * A LoRA adapter bound to the decoder: the flat parameters on the device, and the offsets of each
 * projection's part.
 */
import { paddedRank, type LoraSlot } from '#engine/kernels/linear/lora.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import { fromAdapter, initLora, loraLayout, toAdapter, type LoraLayout } from '#core/adapter/layout.ts';
import type { Adapter, LoraConfig, LoraMatrices } from '#core/adapter/adapter.ts';
import type { FusedProjection } from '#core/adapter/projections.ts';
import type { ModelConfig } from '#core/model/model.ts';

/** The adapters of one block; a projection without a target module has none. */
export type BlockLora = Readonly<Partial<Record<FusedProjection, LoraSlot>>>;

export interface LoraBinding {
	/** All parameters, flat; see {@link DeviceLora}. */
	readonly params: Tensor1D;
	block(layer: number): BlockLora;
}

/**
 * Layout of an adapter on the device: core's flat layout, with the rank rounded up to the kernels' read
 * width. The added rows of A and columns of B are zero, get no gradient, and never leave the device.
 */
export interface DeviceLora {
	/** The configuration as in PEFT's file. */
	config: LoraConfig;
	/** The configuration at the padded rank, with the same scaling. */
	padded: LoraConfig;
	layout: LoraLayout;
	/** Parameters of the adapter itself, without padding. */
	parameters: number;
}

export function deviceLora(model: ModelConfig, config: LoraConfig): DeviceLora {
	const rank = paddedRank(config.rank);
	const padded = { ...config, rank, alpha: (config.alpha * rank) / config.rank };
	return {
		config,
		padded,
		layout: loraLayout(model, padded),
		parameters:
			rank === config.rank ? loraLayout(model, padded).parameters : loraLayout(model, config).parameters,
	};
}

/** An untrained adapter (B = 0) in the device's order. */
export function initialParams(model: ModelConfig, lora: DeviceLora, seed: number): Float32Array<ArrayBuffer> {
	const exact = loraLayout(model, lora.config);
	const flat = initLora(exact, seed);
	if (lora.padded.rank === lora.config.rank) return flat;
	return paramsOf(lora, toAdapter(flat, exact, { id: 'init', step: 0, config: lora.config }));
}

/** @throws ShapeError if the adapter belongs to another model, rank or set of modules */
export function paramsOf(lora: DeviceLora, adapter: Adapter): Float32Array<ArrayBuffer> {
	const resize = (m: LoraMatrices): LoraMatrices => withRank(m, adapter.config.rank, lora.padded.rank);
	return fromAdapter(
		{ ...adapter, config: lora.padded, matrices: adapter.matrices.map(resize) },
		lora.layout,
	);
}

/** Converts the flat parameters to PEFT's matrices. */
export function adapterOf(
	lora: DeviceLora,
	params: Float32Array,
	about: { id: string; step: number },
): Adapter {
	const padded = toAdapter(params, lora.layout, { ...about, config: lora.padded });
	if (lora.padded.rank === lora.config.rank) return padded;
	const resize = (m: LoraMatrices): LoraMatrices => withRank(m, lora.padded.rank, lora.config.rank);
	return { ...padded, config: lora.config, matrices: padded.matrices.map(resize) };
}

/**
 * Binds parameters to the decoder.
 *
 * @param strength multiplies the adapter's part: 1 as trained, 0 the base
 */
export function bindLora(lora: DeviceLora, params: Tensor1D, strength = 1): LoraBinding {
	const blocks: Partial<Record<FusedProjection, LoraSlot>>[] = [];
	for (const slot of lora.layout.slots) {
		const { layer, projection, aOffset, bOffset, rank, scaling } = slot;
		const block = (blocks[layer] ??= {});
		const rows = slot.blocks.map(({ rowStart, rowEnd, aRow }) => ({ rowStart, rowEnd, aRow }));
		block[projection] = { params, aOffset, bOffset, rank, scaling: scaling * strength, blocks: rows };
	}
	return { params, block: (layer) => blocks[layer] ?? {} };
}

/** Cuts or extends A's rows and B's columns; added entries are zero. */
function withRank(matrices: LoraMatrices, from: number, to: number): LoraMatrices {
	if (from === to) return matrices;
	const { loraA, loraB, inFeatures, outFeatures } = matrices;
	const a = new Float32Array(to * inFeatures);
	a.set(loraA.subarray(0, Math.min(from, to) * inFeatures));
	const b = new Float32Array(outFeatures * to);
	for (let row = 0; row < outFeatures; row++) {
		b.set(loraB.subarray(row * from, row * from + Math.min(from, to)), row * to);
	}
	return { ...matrices, loraA: a, loraB: b };
}
