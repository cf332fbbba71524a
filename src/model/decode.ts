/**
 * The two passes of generation: the packed prompts, then one row per sequence against the KV cache.
 *
 * Without a separate adapter (no adapter, or a merged one) a layer of the second pass takes five dispatches:
 * norm and qkv; attention; o and residual; norm, gate, up and SwiGLU; down and residual.
 */
import { attention } from '#engine/kernels/attention/attention.ts';
import {
	decodeAttention,
	writeCache,
	type KvCache,
} from '#engine/kernels/decodeAttention/decodeAttention.ts';
import { decodeLinear } from '#engine/kernels/decodeLinear/decodeLinear.ts';
import { embedding } from '#engine/kernels/embedding/embedding.ts';
import { tensor1d, tensor2d, type Tensor1D, type Tensor2D } from '#engine/tensor.ts';
import { at } from '#core/math/at.ts';
import { disposeTrace, finishBlock, projectQkv, runBlock } from './block.ts';
import type { Decoder } from './decoder.ts';
import { headLogits } from './headLogits.ts';
import { normHeads } from './headNorm.ts';
import type { BlockLora, LoraBinding } from './lora.ts';
import { packPrompts } from './prompts.ts';
import type { BlockWeights } from './weights.ts';

/** A model with an optional separate adapter, and the KV cache of its sequences. */
export interface Decoding {
	model: Decoder;
	lora: LoraBinding | null;
	/** One per layer. */
	caches: readonly KvCache[];
}

/**
 * Runs the prompts and fills the caches. After the attention of the last layer, only the rows that predict
 * continue.
 *
 * @param rows number of rows of logits; rows past the prompts repeat the first
 * @returns    logits [rows, V] after each prompt; must be called in a tidy
 */
export function prefill(
	{ model, lora, caches }: Decoding,
	prompts: readonly (readonly number[])[],
	rows: number,
): Tensor2D {
	const { padded: config, weights } = model;
	const packed = packPrompts(prompts);
	const ints = (values: Int32Array): Tensor1D => tensor1d(values, 'int32');
	const positions = ints(packed.positions);
	const cached = {
		rows: ints(packed.cached.rows),
		positions: ints(packed.cached.positions),
		sequences: ints(packed.cached.sequences),
	};
	const layout = tensor2d(packed.layout, [packed.ids.length, 4], 'int32');
	const lastRows = new Int32Array(rows).fill(at(packed.lastRows, 0));
	lastRows.set(packed.lastRows);
	const predicting = ints(lastRows);
	let x = embedding(weights.embedding, ints(packed.ids));
	for (let layer = 0; layer < config.layers; layer++) {
		const w = at(weights.blocks, layer);
		const slots = lora?.block(layer) ?? {};
		const attend = (qkv: Tensor2D): { o: Tensor2D } => {
			const { o, stats, rotated } = attention(qkv, positions, layout, model.attention);
			writeCache(rotated, cached, at(caches, layer), model.attention);
			for (const tensor of [stats, rotated]) tensor.dispose();
			return { o };
		};
		const y =
			layer < config.layers - 1
				? wholeBlock(model, w, slots, x, attend)
				: lastBlock(model, w, slots, x, attend, predicting);
		x.dispose();
		x = y;
	}
	return logitsOf(model, x);
}

type Attend = (qkv: Tensor2D) => { o: Tensor2D };

function wholeBlock(
	{ padded: config }: Decoder,
	w: BlockWeights,
	lora: BlockLora,
	x: Tensor2D,
	attend: Attend,
): Tensor2D {
	const { y, trace, attended } = runBlock(config, w, lora, x, attend);
	disposeTrace(trace);
	attended.o.dispose();
	return y;
}

function lastBlock(
	model: Decoder,
	w: BlockWeights,
	lora: BlockLora,
	x: Tensor2D,
	attend: Attend,
	rows: Tensor1D,
): Tensor2D {
	const { o } = attend(projectQkv(model.padded, w, lora, x).qkv);
	return finishRows(model, w, lora, takeRows(x, rows), takeRows(o, rows));
}

function takeRows(data: Tensor2D, rows: Tensor1D): Tensor2D {
	return embedding({ kind: 'f32', data, transposed: null }, rows);
}

/**
 * Adds one token to each sequence.
 *
 * @param ids       int32 [B]
 * @param positions int32 [B]
 * @param sequences int32 [B], −1 for a row without a sequence
 * @returns         logits [B, V]; must be called in a tidy
 */
export function decodeStep(
	{ model, lora, caches }: Decoding,
	{ ids, positions, sequences }: Record<'ids' | 'positions' | 'sequences', Tensor1D>,
): Tensor2D {
	const { padded: config, weights } = model;
	let x = embedding(weights.embedding, ids);
	for (let layer = 0; layer < config.layers; layer++) {
		const w = at(weights.blocks, layer);
		const slots = lora?.block(layer) ?? {};
		const qkv = rowsQkv(model, w, slots, x);
		const o = decodeAttention(qkv, positions, sequences, at(caches, layer), model.attention);
		qkv.dispose();
		const y = finishRows(model, w, slots, x, o);
		for (const tensor of [x, o]) tensor.dispose();
		x = y;
	}
	return logitsOf(model, x);
}

function isPlain(lora: BlockLora): boolean {
	return Object.keys(lora).length === 0;
}

function rowsQkv({ padded: config }: Decoder, w: BlockWeights, lora: BlockLora, x: Tensor2D): Tensor2D {
	if (!isPlain(lora)) return projectQkv(config, w, lora, x).qkv;
	const norm = { weight: w.inputNorm, eps: config.rmsNormEps };
	const qkv = decodeLinear(x, w.qkv, { norm, bias: w.qkvBias });
	return w.headNorms === undefined ? qkv : normHeads(qkv, w.headNorms, config);
}

function finishRows(
	{ padded: config }: Decoder,
	w: BlockWeights,
	lora: BlockLora,
	x: Tensor2D,
	o: Tensor2D,
): Tensor2D {
	if (!isPlain(lora)) return finishBlock(config, w, lora, x, o).y;
	const middle = decodeLinear(o, w.o, { residual: x });
	const norm = { weight: w.postNorm, eps: config.rmsNormEps };
	const active = decodeLinear(middle, w.gateUp, { norm, swiglu: true });
	const y = decodeLinear(active, w.down, { residual: middle });
	for (const tensor of [middle, active]) tensor.dispose();
	return y;
}

function logitsOf(model: Decoder, x: Tensor2D): Tensor2D {
	return headLogits(model, x, { norm: { weight: model.weights.norm, eps: model.padded.rmsNormEps } });
}
