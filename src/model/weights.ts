/** A model's frozen weights on the device, per block, in WebLLM's fused layout. */
import { place } from '#engine/memory.ts';
import { tensor1d, tensor2d, type Tensor1D } from '#engine/tensor.ts';
import { disposeWeight, f16Weight, f32Weight, weightBytes, type Weight } from '#engine/weight.ts';
import { roundToHalf } from '#core/format/float16.ts';
import { FormatError } from '#core/errors.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { WeightStorage } from '#core/device/kernels.ts';
import type { HeadNorms } from './headNorm.ts';
import { asFloats, fuseWeights, type StoredTensor } from './fuse.ts';

/** C channels, F feed-forward width, H query heads, G key/value heads, D head size, V vocabulary. */
export interface BlockWeights {
	/** [C] */
	inputNorm: Tensor1D;
	/** [(H + 2G)·D, C] */
	qkv: Weight;
	/** [(H + 2G)·D], Qwen2 only. */
	qkvBias: Tensor1D | undefined;
	/** Qwen3 only. */
	headNorms: HeadNorms | undefined;
	/** [C, H·D] */
	o: Weight;
	/** [C] */
	postNorm: Tensor1D;
	/** [2F, C] */
	gateUp: Weight;
	/** [C, F] */
	down: Weight;
}

export interface ModelWeights {
	/** [V, C] */
	embedding: Weight;
	blocks: readonly BlockWeights[];
	/** [C] */
	norm: Tensor1D;
	/** [V, C]; the embedding itself if they are tied. */
	head: Weight;
	bytes: number;
	dispose(): void;
}

/**
 * Uploads a model.
 *
 * @param tensors under WebLLM's names, or transformers' (which are fused first), with or without a leading
 *   `model.`
 * @param storage of the matrices; norms and biases are always f32
 * @throws FormatError naming the weight that is missing or whose shape does not match the configuration;
 *   DeviceError `limits-too-low` naming the weight that is larger than the GPU can bind
 */
export function uploadWeights(
	config: ModelConfig,
	tensors: ReadonlyMap<string, StoredTensor>,
	storage: WeightStorage = 'f32',
): ModelWeights {
	const upload = new Upload(fuseWeights(tensors), storage);
	const { hiddenSize: C, vocabSize: V, layers } = config;
	try {
		const embedding = upload.matrix('embed_tokens.weight', V, C);
		const blocks = Array.from({ length: layers }, (_, layer) => uploadBlock(upload, config, layer));
		const norm = upload.vector('norm.weight', C);
		const head = config.tieWordEmbeddings ? embedding : upload.matrix('lm_head.weight', V, C);
		return { embedding, blocks, norm, head, bytes: upload.bytes, dispose: () => upload.dispose() };
	} catch (error) {
		upload.dispose();
		throw error;
	}
}

function uploadBlock(upload: Upload, config: ModelConfig, layer: number): BlockWeights {
	const { hiddenSize: C, intermediateSize: F, heads: H, kvHeads: G, headDim: D } = config;
	const at = (name: string): string => `layers.${layer}.${name}`;
	const weight = (name: string, rows: number, columns: number): Weight =>
		upload.matrix(at(name), rows, columns);
	return {
		inputNorm: upload.vector(at('input_layernorm.weight'), C),
		qkv: weight('self_attn.qkv_proj.weight', (H + 2 * G) * D, C),
		qkvBias: config.attentionBias ? upload.vector(at('self_attn.qkv_proj.bias'), (H + 2 * G) * D) : undefined,
		headNorms: config.qkNorm
			? {
					q: upload.vector(at('self_attn.q_norm.weight'), D),
					k: upload.vector(at('self_attn.k_norm.weight'), D),
				}
			: undefined,
		o: weight('self_attn.o_proj.weight', C, H * D),
		postNorm: upload.vector(at('post_attention_layernorm.weight'), C),
		gateUp: weight('mlp.gate_up_proj.weight', 2 * F, C),
		down: weight('mlp.down_proj.weight', C, F),
	};
}

/** Uploads named tensors and records them, so that all can be freed. */
class Upload {
	bytes = 0;
	readonly #host: ReadonlyMap<string, StoredTensor>;
	readonly #storage: WeightStorage;
	readonly #vectors: Tensor1D[] = [];
	readonly #matrices: Weight[] = [];

	constructor(host: ReadonlyMap<string, StoredTensor>, storage: WeightStorage) {
		this.#host = host;
		this.#storage = storage;
	}

	vector(name: string, size: number): Tensor1D {
		const vector = tensor1d(asFloats(this.#take(name, [size])), 'float32');
		this.#vectors.push(vector);
		place(vector, name);
		this.bytes += 4 * vector.size;
		return vector;
	}

	matrix(name: string, rows: number, columns: number): Weight {
		const tensor = this.#take(name, [rows, columns]);
		const { data } = tensor;
		const weight =
			this.#storage === 'f16'
				? f16Weight(data instanceof Uint16Array ? data : roundToHalf(data), rows, columns)
				: f32Weight(tensor2d(asFloats(tensor), [rows, columns], 'float32'));
		this.#matrices.push(weight);
		place(weight.data, name);
		this.bytes += weightBytes(weight);
		return weight;
	}

	dispose(): void {
		for (const vector of this.#vectors) vector.dispose();
		for (const weight of this.#matrices) disposeWeight(weight);
	}

	#take(name: string, shape: readonly number[]): StoredTensor {
		const tensor = this.#host.get(name);
		const found = tensor === undefined ? 'nothing' : `[${tensor.shape.join(', ')}]`;
		if (tensor !== undefined && found === `[${shape.join(', ')}]`) return tensor;
		throw new FormatError(`The weight "${name}" should be [${shape.join(', ')}]; the files hold ${found}.`, {
			code: tensor === undefined ? 'weight-missing' : 'weight-shape',
			hint: 'The model’s files are incomplete or belong to another configuration.',
			context: { name, found },
		});
	}
}
