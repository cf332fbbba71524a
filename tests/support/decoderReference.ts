/**
 * A whole decoder in f64, composed of the kernels' references, with the adapter merged into its weights. It reads
 * the model's own widths, one sequence at a time.
 */
import { projectionShapes, type ProjectionShape } from '#core/adapter/projections.ts';
import { scalingOf, type Adapter, type LoraMatrices } from '#core/adapter/adapter.ts';
import { at } from '#core/math/at.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { attentionReference } from '#engine/kernels/attention/attention.reference.ts';
import { linearReference } from '#engine/kernels/linear/linear.reference.ts';
import { rmsNormReference } from '#engine/kernels/rmsNorm/rmsNorm.reference.ts';
import { swigluReference } from '#engine/kernels/swiglu/swiglu.reference.ts';

type Numbers = ArrayLike<number>;

/** An adapter whose numbers may be f64. */
export type ReferenceAdapter = Pick<Adapter, 'config'> & {
	readonly matrices: readonly (Omit<LoraMatrices, 'loraA' | 'loraB'> & { loraA: Numbers; loraB: Numbers })[];
};

export interface ReferenceModel {
	readonly config: ModelConfig;
	/** Under WebLLM's fused names, without a leading `model.`. */
	readonly tensors: ReadonlyMap<string, { readonly data: Numbers }>;
	/** Null is the base. */
	readonly adapter: ReferenceAdapter | null;
}

const NAMES = {
	qkv: 'self_attn.qkv_proj',
	o: 'self_attn.o_proj',
	gate_up: 'mlp.gate_up_proj',
	down: 'mlp.down_proj',
} as const;

/** @returns [T·V]: row t holds the logits of the token after token t; llama without frequency scaling */
export function referenceLogits(model: ReferenceModel, ids: readonly number[]): Float64Array {
	const { config } = model;
	const { hiddenSize: C, intermediateSize: F, rmsNormEps: eps } = config;
	const T = ids.length;
	const [qkv, o, gateUp, down] = projectionShapes(config) as [
		ProjectionShape,
		ProjectionShape,
		ProjectionShape,
		ProjectionShape,
	];
	const embedding = numbers(model, 'embed_tokens.weight');
	let x: Float64Array = Float64Array.from({ length: T * C }, (_, i) =>
		at(embedding, at(ids, Math.floor(i / C)) * C + (i % C)),
	);
	for (let layer = 0; layer < config.layers; layer++) {
		const norm = (name: string): Float64Array =>
			rmsNormReference(x, numbers(model, `layers.${layer}.${name}.weight`), eps);
		const normed = norm('input_layernorm');
		const heads = attend(model, layer, project(model, layer, qkv, normed));
		x = sum(x, project(model, layer, o, heads));
		const active = swigluReference(project(model, layer, gateUp, norm('post_attention_layernorm')), F);
		x = sum(x, project(model, layer, down, active));
	}
	const head = config.tieWordEmbeddings ? embedding : numbers(model, 'lm_head.weight');
	const last = rmsNormReference(x, numbers(model, 'norm.weight'), eps);
	return linearReference(last, head, { T, K: C, N: config.vocabSize }).y;
}

/** Summed log-probability of a completion, nats. */
export function referenceLogp(
	model: ReferenceModel,
	prompt: readonly number[],
	completion: readonly number[],
): number {
	const { vocabSize: V } = model.config;
	const logits = referenceLogits(model, [...prompt, ...completion]);
	return completion.reduce((total, id, i) => {
		const row = logits.subarray((prompt.length + i - 1) * V, (prompt.length + i) * V);
		const lse = Math.log(row.reduce((all, logit) => all + Math.exp(logit), 0));
		return total + at(row, id) - lse;
	}, 0);
}

/** Greedy continuation of a prompt. */
export function referenceGreedy(model: ReferenceModel, prompt: readonly number[], count: number): number[] {
	const ids = [...prompt];
	for (let i = 0; i < count; i++) {
		const last = referenceLogits(model, ids).subarray(-model.config.vocabSize);
		ids.push(last.indexOf(Math.max(...last)));
	}
	return ids.slice(prompt.length);
}

function numbers({ tensors }: ReferenceModel, name: string): Numbers {
	const tensor = tensors.get(name);
	if (tensor === undefined) throw new Error(`The reference has no ${name}.`);
	return tensor.data;
}

function sum(a: Float64Array, b: Float64Array): Float64Array {
	return a.map((value, i) => value + at(b, i));
}

function project(
	model: ReferenceModel,
	layer: number,
	shape: ProjectionShape,
	x: Float64Array,
): Float64Array {
	const { outFeatures: N, inFeatures: K, projection } = shape;
	const name = `layers.${layer}.${NAMES[projection]}`;
	const bias = projection === 'qkv' && model.config.attentionBias;
	return linearReference(
		x,
		merged(model, layer, shape, numbers(model, `${name}.weight`)),
		{ T: x.length / K, K, N },
		bias ? { bias: numbers(model, `${name}.bias`) } : {},
	).y;
}

function merged(
	{ adapter }: ReferenceModel,
	layer: number,
	shape: ProjectionShape,
	weight: Numbers,
): Numbers {
	if (adapter === null) return weight;
	const { inFeatures: K, parts } = shape;
	const { rank } = adapter.config;
	const result = Float64Array.from(weight);
	for (const { module, rowStart, rowEnd } of parts) {
		const own = adapter.matrices.find((m) => m.layer === layer && m.module === module);
		if (own === undefined) continue;
		for (let i = rowStart * K; i < rowEnd * K; i++) {
			const [n, k] = [Math.floor(i / K) - rowStart, i % K];
			let delta = 0;
			for (let r = 0; r < rank; r++) delta += at(own.loraB, n * rank + r) * at(own.loraA, r * K + k);
			result[i] = at(result, i) + scalingOf(adapter.config) * delta;
		}
	}
	return result;
}

/** @param qkv [T, (H + 2G)·D] @returns [T, H·D] */
function attend(model: ReferenceModel, layer: number, qkv: Float64Array): Float64Array {
	const { heads, kvHeads, headDim: D, ropeTheta, qkNorm } = model.config;
	const T = qkv.length / ((heads + 2 * kvHeads) * D);
	const layout = Array.from({ length: T }, () => [0, 0, 0, T]).flat();
	const rope = Float64Array.from({ length: T * D }, (_, i) => {
		const angle = Math.floor(i / D) * ropeTheta ** ((-2 * (i % (D / 2))) / D);
		return i % D < D / 2 ? Math.cos(angle) : Math.sin(angle);
	});
	return attentionReference(
		{ qkv: qkNorm ? normedHeads(model, layer, qkv) : qkv, positions: [...Array(T).keys()], layout, rope },
		{ heads, kvHeads, headSize: D, scale: D ** -0.5 },
	).o;
}

function normedHeads(model: ReferenceModel, layer: number, qkv: Float64Array): Float64Array {
	const { heads, kvHeads, headDim: D, rmsNormEps } = model.config;
	const [q, k] = ['q', 'k'].map((name) => numbers(model, `layers.${layer}.self_attn.${name}_norm.weight`));
	const result = Float64Array.from(qkv);
	for (let start = 0; start < qkv.length; start += D) {
		const head = (start / D) % (heads + 2 * kvHeads);
		const weight = head < heads ? q : head < heads + kvHeads ? k : undefined;
		if (weight === undefined) continue;
		result.set(rmsNormReference(qkv.subarray(start, start + D), weight, rmsNormEps), start);
	}
	return result;
}
