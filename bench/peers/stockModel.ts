/** The decoder in stock tfjs operations on padded rows, in the most direct form. */
import * as tf from '@tensorflow/tfjs-core';
import { scalingOf } from '#core/adapter/adapter.ts';
import { moduleName } from '#core/adapter/projections.ts';
import { TARGET_MODULES, type TargetModule } from '#core/recipe/recipe.ts';
import type { HostTensor } from '#model/fuse.ts';
import type { PaddedBatch } from '../workloads/padded.ts';
import { splitWeights, transposed, type Workload } from '../workloads/workload.ts';

interface Projection {
	/** [in, out] */
	weight: tf.Tensor2D;
	/** [in, rank], [rank, out] */
	a: tf.Variable;
	b: tf.Variable;
}
/** Null if all weights are 1, because nobody would multiply by them. */
type NormWeight = tf.Tensor1D | null;
type Layer = Record<TargetModule, Projection> & { inputNorm: NormWeight; postNorm: NormWeight };

export interface StockModel {
	workload: Workload;
	/** [V, C], also the head. */
	embedding: tf.Tensor2D;
	norm: NormWeight;
	layers: readonly Layer[];
	/** Trainable variables. */
	variables: readonly tf.Variable[];
}

/** A padded batch on the device. */
export interface StockBatch {
	rows: number;
	tokens: number;
	ids: tf.Tensor2D;
	labels: tf.Tensor1D;
	mask: tf.Tensor2D;
	/** [T, D] rotary tables, half-split. */
	cos: tf.Tensor2D;
	sin: tf.Tensor2D;
	/** [(H/G)·T, T]: the causal mask, once for each query head of a group. */
	causal: tf.Tensor2D;
}

/** @throws Error if the model has features that this peer lacks: biases, head norms, a separate head */
export function stockModel(workload: Workload): StockModel {
	const { config } = workload;
	if (config.attentionBias || config.qkNorm || !config.tieWordEmbeddings || config.ropeScaling !== null)
		throw new Error('The stock peer knows plain Llama models with a tied head only.');
	const weights = splitWeights(workload);
	const layers = Array.from({ length: config.layers }, (_, layer) => stockLayer(workload, weights, layer));
	return {
		workload,
		embedding: tf.tensor2d(take(weights, 'embed_tokens.weight').data, [config.vocabSize, config.hiddenSize]),
		norm: normWeight(take(weights, 'norm.weight')),
		layers,
		variables: layers.flatMap((layer) => TARGET_MODULES.flatMap((name) => [layer[name].a, layer[name].b])),
	};
}

function take(weights: ReadonlyMap<string, HostTensor>, name: string): HostTensor {
	const tensor = weights.get(name);
	if (tensor === undefined) throw new Error(`The workload has no weight ${name}.`);
	return tensor;
}

function normWeight({ data }: HostTensor): NormWeight {
	return data.every((weight) => weight === 1) ? null : tf.tensor1d(data);
}

function stockLayer({ adapter }: Workload, weights: ReadonlyMap<string, HostTensor>, layer: number): Layer {
	const { rank } = adapter.config;
	const projections = adapter.matrices
		.filter((matrices) => matrices.layer === layer)
		.map(({ module, inFeatures, outFeatures, loraA, loraB }) => {
			const { data } = take(weights, `layers.${layer}.${moduleName(module)}.weight`);
			const projection: Projection = {
				weight: tf.tensor2d(transposed(data, outFeatures, inFeatures), [inFeatures, outFeatures]),
				a: tf.variable(tf.tensor2d(transposed(loraA, rank, inFeatures), [inFeatures, rank])),
				b: tf.variable(tf.tensor2d(transposed(loraB, outFeatures, rank), [rank, outFeatures])),
			};
			return [module, projection] as const;
		});
	return {
		...(Object.fromEntries(projections) as Record<TargetModule, Projection>),
		inputNorm: normWeight(take(weights, `layers.${layer}.input_layernorm.weight`)),
		postNorm: normWeight(take(weights, `layers.${layer}.post_attention_layernorm.weight`)),
	};
}

export function stockBatch({ config }: Workload, batch: PaddedBatch): StockBatch {
	const { rows, tokens, ids, labels, mask } = batch;
	const { headDim, heads, kvHeads, ropeTheta } = config;
	const half = headDim / 2;
	const angle = (i: number): number =>
		Math.floor(i / headDim) * ropeTheta ** ((-2 * ((i % headDim) % half)) / headDim);
	const table = (f: (x: number) => number): tf.Tensor2D =>
		tf.tensor2d(
			Float32Array.from({ length: tokens * headDim }, (_, i) => f(angle(i))),
			[tokens, headDim],
		);
	const shared = heads / kvHeads;
	const causal = Float32Array.from({ length: shared * tokens * tokens }, (_, i) =>
		i % tokens > Math.floor(i / tokens) % tokens ? -1e9 : 0,
	);
	return {
		rows,
		tokens,
		ids: tf.tensor2d(ids, [rows, tokens], 'int32'),
		labels: tf.tensor1d(labels, 'int32'),
		mask: tf.tensor2d(mask, [rows, tokens]),
		cos: table(Math.cos),
		sin: table(Math.sin),
		causal: tf.tensor2d(causal, [shared * tokens, tokens]),
	};
}

function rmsNorm(x: tf.Tensor2D, weight: NormWeight, eps: number): tf.Tensor2D {
	const normed = tf.mul<tf.Tensor2D>(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), eps)));
	return weight === null ? normed : tf.mul(normed, weight);
}

function linear(x: tf.Tensor2D, { weight, a, b }: Projection, scaling: number): tf.Tensor2D {
	const y = tf.matMul<tf.Tensor2D>(x, weight);
	// The reference pass runs without the adapter.
	if (scaling === 0) return y;
	return tf.add<tf.Tensor2D>(
		y,
		tf.mul(tf.matMul(tf.matMul(x, a as unknown as tf.Tensor2D), b as unknown as tf.Tensor2D), scaling),
	);
}

function rotate(x: tf.Tensor4D, { cos, sin }: StockBatch): tf.Tensor4D {
	const [first, second] = tf.split<tf.Tensor4D>(x, 2, -1) as [tf.Tensor4D, tf.Tensor4D];
	return tf.add(tf.mul(x, cos), tf.mul(tf.concat([tf.neg(second), first], -1), sin));
}

/** [B·T, heads·D] to [B, heads, T, D]. */
function splitHeads(x: tf.Tensor2D, { rows, tokens }: StockBatch, heads: number): tf.Tensor4D {
	return tf.transpose(tf.reshape(x, [rows, tokens, heads, -1]), [0, 2, 1, 3]);
}

/** Stacks the query heads that share a key head: [B, G, (H/G)·T, D]. */
function attend(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, batch: StockBatch): tf.Tensor2D {
	const [rows, heads, tokens, headDim] = q.shape;
	const groups = k.shape[1];
	const stacked = tf.reshape<tf.Rank.R4>(q, [rows, groups, (heads / groups) * tokens, headDim]);
	const scores = tf.add(tf.mul(tf.matMul(stacked, k, false, true), 1 / Math.sqrt(headDim)), batch.causal);
	const mixed = tf.reshape<tf.Rank.R4>(tf.matMul(tf.softmax(scores), v), q.shape);
	return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [rows * tokens, heads * headDim]);
}

function block(
	x: tf.Tensor2D,
	layer: Layer,
	batch: StockBatch,
	{ config }: Workload,
	scaling: number,
): tf.Tensor2D {
	const { heads, kvHeads, rmsNormEps: eps } = config;
	const normed = rmsNorm(x, layer.inputNorm, eps);
	const q = rotate(splitHeads(linear(normed, layer.q_proj, scaling), batch, heads), batch);
	const k = rotate(splitHeads(linear(normed, layer.k_proj, scaling), batch, kvHeads), batch);
	const v = splitHeads(linear(normed, layer.v_proj, scaling), batch, kvHeads);
	const attended = tf.add<tf.Tensor2D>(x, linear(attend(q, k, v, batch), layer.o_proj, scaling));
	const normed2 = rmsNorm(attended, layer.postNorm, eps);
	const gate = linear(normed2, layer.gate_proj, scaling);
	const up = linear(normed2, layer.up_proj, scaling);
	const activated = tf.mul<tf.Tensor2D>(tf.mul(gate, tf.sigmoid(gate)), up);
	return tf.add(attended, linear(activated, layer.down_proj, scaling));
}

/** [rows] summed over completion tokens. @param adapter false computes the reference */
export function stockLogps(model: StockModel, batch: StockBatch, adapter: boolean): tf.Tensor1D {
	const { workload, embedding, layers, norm } = model;
	const { hiddenSize, vocabSize, rmsNormEps } = workload.config;
	const { rows, tokens, ids, labels, mask } = batch;
	const scaling = adapter ? scalingOf(workload.adapter.config) : 0;
	let x = tf.reshape<tf.Rank.R2>(tf.gather(embedding, ids), [rows * tokens, hiddenSize]);
	for (const layer of layers) x = block(x, layer, batch, workload, scaling);
	const logits = tf.matMul(rmsNorm(x, norm, rmsNormEps), embedding, false, true);
	const target = tf.sum(tf.mul(logits, tf.oneHot(labels, vocabSize)), -1);
	const logps = tf.reshape(tf.sub(target, tf.logSumExp(logits, -1)), [rows, tokens]);
	return tf.sum(tf.mul(logps, mask), 1);
}
