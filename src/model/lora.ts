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
import { axesBetween, MODULE_AXES, paddedConfig, resized, wholeAxis } from './padding.ts';

/** The adapters of one block; a projection without a target module has none. */
export type BlockLora = Readonly<Partial<Record<FusedProjection, LoraSlot>>>;

export interface LoraBinding {
	/** All parameters, flat; see {@link DeviceLora}. */
	readonly params: Tensor1D;
	block(layer: number): BlockLora;
}

/** A flat list of parameters: the widths of its model, the rank of its configuration, and the place of each matrix. */
interface FlatForm {
	readonly model: ModelConfig;
	readonly config: LoraConfig;
	readonly layout: LoraLayout;
}

/**
 * An adapter on the device: core's flat layout, with the rank and the model's widths rounded up to what the
 * kernels read (padding.ts). The added entries of A and B are zero, get no gradient, and never leave the device.
 */
export interface DeviceLora {
	/** The configuration as in PEFT's file. */
	config: LoraConfig;
	/** Layout of the parameters on the device. */
	layout: LoraLayout;
	/** Parameters of the adapter itself, without padding. */
	parameters: number;
	/**
	 * file: neither is padded. stored: the rank is padded, as checkpoints keep parameters and moments. device: rank
	 * and widths are padded. Forms that do not differ are one object.
	 */
	forms: Readonly<Record<'file' | 'stored' | 'device', FlatForm>>;
}

export function deviceLora(model: ModelConfig, config: LoraConfig): DeviceLora {
	const rank = paddedRank(config.rank);
	const file = { model, config, layout: loraLayout(model, config) };
	const wide = { ...config, rank, alpha: (config.alpha * rank) / config.rank };
	const stored = rank === config.rank ? file : { model, config: wide, layout: loraLayout(model, wide) };
	const padded = paddedConfig(model);
	const device =
		padded === model ? stored : { model: padded, config: wide, layout: loraLayout(padded, wide) };
	const { parameters } = file.layout;
	return { config, layout: device.layout, parameters, forms: { file, stored, device } };
}

/** An untrained adapter (B = 0) in the device's order. */
export function initialParams({ forms }: DeviceLora, seed: number): Float32Array<ArrayBuffer> {
	return relaid(initLora(forms.file.layout, seed), forms.file, forms.device);
}

/** @throws ShapeError if the adapter belongs to another model, rank or set of modules */
export function paramsOf({ forms }: DeviceLora, adapter: Adapter): Float32Array<ArrayBuffer> {
	return relaid(fromAdapter(adapter, forms.file.layout), forms.file, forms.device);
}

/** Converts the flat parameters to PEFT's matrices. */
export function adapterOf(
	{ forms, config }: DeviceLora,
	params: Float32Array,
	about: { id: string; step: number },
): Adapter {
	return toAdapter(relaid(params, forms.device, forms.file), forms.file.layout, { ...about, config });
}

/** Parameters or moments as a checkpoint keeps them. */
export function toStored({ forms }: DeviceLora, flat: Float32Array): Float32Array {
	return relaid(flat, forms.device, forms.stored);
}

/** Inverse of {@link toStored}. */
export function fromStored({ forms }: DeviceLora, flat: Float32Array): Float32Array {
	return relaid(flat, forms.stored, forms.device);
}

/** Moves flat parameters, gradients or moments to another form: pads or cuts every A and B. */
function relaid<T extends Float32Array>(
	flat: T,
	from: FlatForm,
	to: FlatForm,
): T | Float32Array<ArrayBuffer> {
	if (from === to) return flat;
	const axes = axesBetween(from.model, to.model);
	const rank = wholeAxis(from.config.rank, to.config.rank);
	const adapter = toAdapter(flat, from.layout, { id: '', step: 0, config: from.config });
	const matrices = adapter.matrices.map((m): LoraMatrices => {
		const { out, in: input } = MODULE_AXES[m.module];
		return {
			...m,
			loraA: resized(m.loraA, rank, axes[input]),
			loraB: resized(m.loraB, axes[out], rank),
		};
	});
	return fromAdapter({ ...adapter, matrices }, to.layout);
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
