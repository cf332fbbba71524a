/**
 * The decoder on packed rows: forward, and a hand-written backward (no tape), block by block.
 *
 * Axes: T packed rows, C channels, F feed-forward width, H query heads, G key/value heads, D head size, V
 * vocabulary; C, F and D are padded (padding.ts).
 * Backward only adds LoRA gradients into a flat buffer, because everything except the adapter is frozen. Read
 * `runBlock` (block.ts) and `backwardBlock` side by side: the second reverses the first line by line.
 */
import {
	attention,
	attentionGrad,
	type AttentionResult,
	type AttentionConfig,
} from '#engine/kernels/attention/attention.ts';
import { ropeTable } from '#engine/kernels/attention/rope.ts';
import { embedding } from '#engine/kernels/embedding/embedding.ts';
import { linearGrad, type LinearGradOptions } from '#engine/kernels/linear/linear.ts';
import { rmsNorm, rmsNormGrad } from '#engine/kernels/rmsNorm/rmsNorm.ts';
import { swiglu, swigluGrad } from '#engine/kernels/swiglu/swiglu.ts';
import { place, uploadsDone } from '#engine/memory.ts';
import type { Tensor1D, Tensor2D } from '#engine/tensor.ts';
import type { Weight } from '#engine/weight.ts';
import { ShapeError } from '#core/errors.ts';
import { at } from '#core/math/at.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { WeightStorage } from '#core/device/kernels.ts';
import { disposeTrace, runBlock, slimTrace, type BlockTrace } from './block.ts';
import { normHeadsGrad } from './headNorm.ts';
import type { BlockLora, LoraBinding } from './lora.ts';
import { paddedConfig, resized, wholeAxis } from './padding.ts';
import { ropeFrequencies } from './rope.ts';
import { uploadWeights, WeightUpload, type BlockWeights, type ModelWeights } from './weights.ts';
import type { StoredTensor } from './fuse.ts';

export interface Decoder {
	/** As in the model's files. */
	config: ModelConfig;
	/** As the device holds the model; see padding.ts. */
	padded: ModelConfig;
	weights: ModelWeights;
	attention: AttentionConfig;
	/** Longest sequence: the rows of the rotary table. */
	positions: number;
	/** Frozen weights and rotary table on the device. */
	bytes: number;
	dispose(): void;
}

/** Packed rows on the device: ids, positions [T] and layout [T, 4], all int32; see core/batch/pack.ts. */
export interface PackedRows {
	ids: Tensor1D;
	positions: Tensor1D;
	layout: Tensor2D;
}

/**
 * All inputs of one block's backward pass: 4C + (2H + 2G)·D + 2H + 3F floats per row, and the LoRA
 * projections.
 */
interface BlockKept extends BlockTrace {
	attended: AttentionResult;
}

export interface Forward {
	/** Output of the last block [T, C], before the final norm. */
	last: Tensor2D;
	/** After the final norm [T, C]: the input of the head. */
	hidden: Tensor2D;
	/** Per block: its input and, with `all` and `products`, further inputs of backward. */
	kept: readonly (BlockKept | { x: Tensor2D })[];
}

/**
 * Activations kept for backward. all: every one that backward reads. products: results of matrix products and
 * attention; norms and SwiGLU are computed again (3 dispatches per block that read and write each number
 * once). inputs: only block inputs; the rest is computed again (checkpointing by block: about a third more
 * work, but the memory of only one block). none: nothing, for passes without a gradient.
 */
export type Keep = 'all' | 'products' | 'inputs' | 'none';

/** Default positions of the rotary table: enough for training, small for models of 128k positions. */
const DEFAULT_POSITIONS = 4096;

/**
 * Uploads a model and its rotary table.
 *
 * @throws FormatError if the weights do not fit the configuration
 */
export function createDecoder(
	config: ModelConfig,
	tensors: ReadonlyMap<string, StoredTensor>,
	storage: WeightStorage = 'f32',
): Decoder {
	return decoderOf(config, uploadWeights(config, tensors, storage));
}

/**
 * The same from files that hand out one weight after the other; none is held in the processor's memory.
 *
 * @param each hands out every weight once, in any order, under WebLLM's names
 */
export async function loadDecoder(
	config: ModelConfig,
	each: (use: (name: string, tensor: StoredTensor) => Promise<void>) => Promise<void>,
	storage: WeightStorage = 'f32',
): Promise<Decoder> {
	const upload = new WeightUpload(config, storage);
	try {
		await each(async (name, tensor) => {
			upload.add(name, tensor);
			await uploadsDone();
		});
		return decoderOf(config, upload.finish());
	} catch (error) {
		upload.dispose();
		throw error;
	}
}

function decoderOf(config: ModelConfig, weights: ModelWeights): Decoder {
	const positions = Math.min(config.maxPositions, DEFAULT_POSITIONS);
	const padded = paddedConfig(config);
	const { heads, kvHeads, headDim: headSize } = padded;
	// Frequency 0 leaves the added channels as they are.
	const frequencies = resized(
		ropeFrequencies(config),
		wholeAxis(config.headDim / 2, headSize / 2),
		wholeAxis(1),
	);
	const rope = ropeTable(frequencies, positions);
	place(rope, 'The rotary table');
	return {
		config,
		padded,
		weights,
		bytes: weights.bytes + 4 * rope.size,
		attention: { heads, kvHeads, headSize, scale: 1 / Math.sqrt(config.headDim), rope },
		positions,
		dispose: () => {
			weights.dispose();
			rope.dispose();
		},
	};
}

/** @param lora null runs the base model */
export function forward(model: Decoder, rows: PackedRows, lora: LoraBinding | null, keep: Keep): Forward {
	const { padded: config, weights } = model;
	let x = embedding(weights.embedding, rows.ids);
	const kept: (BlockKept | { x: Tensor2D })[] = [];
	for (let layer = 0; layer < config.layers; layer++) {
		const block = attendPacked(model, rows, at(weights.blocks, layer), lora?.block(layer) ?? {}, x);
		if (keep === 'all') kept.push(block.kept);
		else if (keep === 'products') kept.push(slimTrace(block.kept));
		else disposeKept(block.kept);
		if (keep === 'inputs') kept.push({ x });
		if (keep === 'none') x.dispose();
		x = block.y;
	}
	return { last: x, hidden: rmsNorm(x, weights.norm, config.rmsNormEps), kept };
}

/**
 * Adds the adapter's gradients into `grads` and frees what `forward` kept.
 *
 * @param dHidden [T, C] gradient at `hidden`; freed here
 * @param grads   flat, in the order of `lora.params`
 */
export function backward(
	model: Decoder,
	rows: PackedRows,
	lora: LoraBinding,
	pass: Forward,
	dHidden: Tensor2D,
	grads: Tensor1D,
): void {
	const { padded: config, weights } = model;
	let dy: Tensor2D | null = rmsNormGrad(dHidden, pass.last, weights.norm, config.rmsNormEps);
	for (const tensor of [dHidden, pass.hidden, pass.last]) tensor.dispose();
	for (let layer = config.layers - 1; layer >= 0 && dy !== null; layer--) {
		const w = at(weights.blocks, layer);
		const slots = lora.block(layer);
		const saved = at(pass.kept, layer);
		const kept = 'attended' in saved ? saved : recompute(model, rows, w, slots, saved.x);
		const dx: Tensor2D | null = backwardBlock(
			{ model, rows, w, lora: slots, grads, kept, needDx: layer > 0 },
			dy,
		);
		disposeKept(kept);
		kept.x.dispose();
		dy.dispose();
		dy = dx;
	}
}

/** Frees a pass that has no backward. */
export function disposeForward(pass: Forward): void {
	pass.hidden.dispose();
	pass.last.dispose();
	for (const saved of pass.kept) {
		if ('attended' in saved) disposeKept(saved);
		saved.x.dispose();
	}
}

function attendPacked(
	model: Decoder,
	rows: PackedRows,
	w: BlockWeights,
	lora: BlockLora,
	x: Tensor2D,
): { y: Tensor2D; kept: BlockKept } {
	const { y, trace, attended } = runBlock(model.padded, w, lora, x, (qkv) =>
		attention(qkv, rows.positions, rows.layout, model.attention),
	);
	return { y, kept: { ...trace, attended } };
}

function recompute(
	model: Decoder,
	rows: PackedRows,
	w: BlockWeights,
	lora: BlockLora,
	x: Tensor2D,
): BlockKept {
	const { y, kept } = attendPacked(model, rows, w, lora, x);
	y.dispose();
	return kept;
}

/** Frees everything except the block's input, which belongs to the previous block. */
function disposeKept(kept: BlockKept): void {
	disposeTrace(kept);
	for (const tensor of Object.values(kept.attended) as Tensor2D[]) tensor.dispose();
}

interface BackwardBlock {
	model: Decoder;
	rows: PackedRows;
	w: BlockWeights;
	lora: BlockLora;
	grads: Tensor1D;
	kept: BlockKept;
	/** False in the first block, because nothing before it trains. */
	needDx: boolean;
}

/**
 * @param dy [T, C] gradient at the block's output; the caller frees it. @returns dx [T, C], null if not
 *   needed
 */
function backwardBlock(
	{ model, rows, w, lora, grads, kept, needDx }: BackwardBlock,
	dy: Tensor2D,
): Tensor2D | null {
	const eps = model.padded.rmsNormEps;
	const { low, attended } = kept;
	const active = kept.active ?? swiglu(kept.gateUp);
	const dActive = through(dy, active, w.down, { lora: lora.down, xa: low.down, grads });
	active.dispose();
	const dGateUp = consume(dActive, swigluGrad(dActive, kept.gateUp));
	const gateUp = { lora: lora.gate_up, xa: low.gate_up, grads };
	const postNormed = kept.postNormed ?? rmsNorm(kept.middle, w.postNorm, eps);
	const dPost = consume(dGateUp, through(dGateUp, postNormed, w.gateUp, gateUp));
	postNormed.dispose();
	const dMiddle = consume(dPost, rmsNormGrad(dPost, kept.middle, w.postNorm, eps, dy));
	const dO = through(dMiddle, attended.o, w.o, { lora: lora.o, xa: low.o, grads });
	const dNormed = consume(dO, attentionGrad(dO, attended, rows.positions, rows.layout, model.attention));
	const dQkv = throughHeadNorms(model, w, kept, dNormed);
	const qkv = { lora: lora.qkv, xa: low.qkv, grads, needDx };
	const inputNormed = kept.inputNormed ?? rmsNorm(kept.x, w.inputNorm, eps);
	const dInput = consume(dQkv, linearGrad(dQkv, inputNormed, w.qkv, qkv));
	inputNormed.dispose();
	const dx = dInput === null ? null : rmsNormGrad(dInput, kept.x, w.inputNorm, eps, dMiddle);
	dInput?.dispose();
	dMiddle.dispose();
	return dx;
}

/** Backward through the norms of q and k, if the model has them. */
function throughHeadNorms(model: Decoder, w: BlockWeights, kept: BlockKept, d: Tensor2D): Tensor2D {
	if (w.headNorms === undefined || kept.unnormed === undefined) return d;
	return consume(d, normHeadsGrad(d, kept.unnormed, w.headNorms, model.padded));
}

/** linearGrad that always returns dx. */
function through(
	dy: Tensor2D,
	x: Tensor2D,
	weight: Weight,
	options: Omit<LinearGradOptions, 'needDx'>,
): Tensor2D {
	const dx = linearGrad(dy, x, weight, options);
	if (dx === null) throw new ShapeError('linearGrad gave no dx.', { code: 'gradient-missing' });
	return dx;
}

/** Frees `used`, whose last use was `result`. */
function consume<T>(used: Tensor2D, result: T): T {
	used.dispose();
	return result;
}
