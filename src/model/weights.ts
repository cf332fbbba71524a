/** A model's frozen weights on the device, per block, in WebLLM's fused layout and with padded widths (padding.ts). */
import { place } from '#engine/memory.ts';
import { tensor1d, type Tensor1D } from '#engine/tensor.ts';
import { disposeTable, storedTable, tableBytes, tableParts, type Table } from '#engine/table.ts';
import { storedWeight, type Weight } from '#engine/weight.ts';
import { roundToHalf } from '#core/format/float16.ts';
import {
	asFloats,
	BLOCK_SIZE,
	formatOf,
	isBlockFormat,
	wordsOf,
	type StoredNumbers,
} from '#core/format/numberFormat.ts';
import { FormatError } from '#core/errors.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { WeightStorage } from '#core/device/kernels.ts';
import type { HeadNorms } from './headNorm.ts';
import { fuseWeights, type StoredTensor } from './fuse.ts';
import {
	axesBetween,
	normFactor,
	paddedConfig,
	resized,
	wholeAxis,
	type Axis,
	type ModelAxes,
} from './padding.ts';

/** C channels, F feed-forward width, H query heads, G key/value heads, D head size, V vocabulary; C, F and D padded. */
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
	embedding: Table;
	blocks: readonly BlockWeights[];
	/** [C] */
	norm: Tensor1D;
	/** [V, C]; the embedding itself if they are tied. */
	head: Table;
	bytes: number;
	dispose(): void;
}

/**
 * Uploads a model and pads its widths.
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
	const axes = axesBetween(config, paddedConfig(config));
	const vocabulary = wholeAxis(config.vocabSize);
	try {
		const embedding = upload.table('embed_tokens.weight', vocabulary, axes.hidden);
		const blocks = Array.from({ length: config.layers }, (_, layer) =>
			uploadBlock(upload, config, axes, layer),
		);
		const norm = upload.norm('norm.weight', axes.hidden);
		const head = config.tieWordEmbeddings
			? embedding
			: upload.table('lm_head.weight', vocabulary, axes.hidden);
		return { embedding, blocks, norm, head, bytes: upload.bytes, dispose: () => upload.dispose() };
	} catch (error) {
		upload.dispose();
		throw error;
	}
}

function uploadBlock(upload: Upload, config: ModelConfig, axes: ModelAxes, layer: number): BlockWeights {
	const at = (name: string): string => `layers.${layer}.${name}`;
	const weight = (name: string, rows: Axis, columns: Axis): Weight => upload.matrix(at(name), rows, columns);
	return {
		inputNorm: upload.norm(at('input_layernorm.weight'), axes.hidden),
		qkv: weight('self_attn.qkv_proj.weight', axes.qkv, axes.hidden),
		qkvBias: config.attentionBias ? upload.vector(at('self_attn.qkv_proj.bias'), axes.qkv) : undefined,
		headNorms: config.qkNorm
			? {
					q: upload.norm(at('self_attn.q_norm.weight'), axes.head),
					k: upload.norm(at('self_attn.k_norm.weight'), axes.head),
					eps: config.rmsNormEps * normFactor(axes.head),
				}
			: undefined,
		o: weight('self_attn.o_proj.weight', axes.hidden, axes.queries),
		postNorm: upload.norm(at('post_attention_layernorm.weight'), axes.hidden),
		gateUp: weight('mlp.gate_up_proj.weight', axes.gateUp, axes.hidden),
		down: weight('mlp.down_proj.weight', axes.hidden, axes.feedForward),
	};
}

/** Uploads named tensors and records them, so that all can be freed. */
class Upload {
	bytes = 0;
	readonly #host: ReadonlyMap<string, StoredTensor>;
	readonly #storage: WeightStorage;
	readonly #vectors: Tensor1D[] = [];
	readonly #matrices: Table[] = [];

	constructor(host: ReadonlyMap<string, StoredTensor>, storage: WeightStorage) {
		this.#host = host;
		this.#storage = storage;
	}

	vector(name: string, axis: Axis, factor = 1): Tensor1D {
		const data = resized(asFloats(this.#take(name, [axis])), axis, wholeAxis(1));
		const vector = tensor1d(factor === 1 ? data : data.map((value) => factor * value), 'float32');
		this.#vectors.push(vector);
		place(vector, name);
		this.bytes += 4 * vector.size;
		return vector;
	}

	/** The weight of a norm over `axis`; see {@link normFactor}. */
	norm(name: string, axis: Axis): Tensor1D {
		return this.vector(name, axis, Math.sqrt(normFactor(axis)));
	}

	matrix(name: string, rows: Axis, columns: Axis): Weight {
		const numbers = this.#numbers(this.#take(name, [rows, columns]), rows, columns);
		const weight = storedWeight(numbers, rows.parts * rows.to, columns.parts * columns.to);
		this.#place(weight, name);
		return weight;
	}

	/** A matrix whose rows may be in several parts. */
	table(name: string, rows: Axis, columns: Axis): Table {
		const numbers = this.#numbers(this.#take(name, [rows, columns]), rows, columns);
		const table = storedTable(numbers, rows.to, columns.parts * columns.to);
		this.#place(table, name);
		return table;
	}

	dispose(): void {
		for (const vector of this.#vectors) vector.dispose();
		for (const table of this.#matrices) disposeTable(table);
	}

	#place(table: Table, name: string): void {
		this.#matrices.push(table);
		for (const { weight } of tableParts(table)) place(weight.data, name);
		this.bytes += tableBytes(table);
	}

	/** A matrix in its format on the device, padded. */
	#numbers(tensor: StoredTensor, rows: Axis, columns: Axis): StoredNumbers {
		const stored = formatOf(tensor);
		const width = columns.parts * columns.from;
		if (isBlockFormat(stored)) {
			if (columns.from === columns.to && width % BLOCK_SIZE === 0) {
				const words = resized(tensor.data, rows, wholeAxis(wordsOf(stored, width)));
				return { data: words, format: stored };
			}
			// Programs cannot read rows that end inside a block.
			const floats = asFloats(tensor);
			const height = rows.parts * rows.from;
			const cut = resized(floats, wholeAxis(height), wholeAxis(floats.length / height, width));
			return { data: resized(cut, rows, columns) };
		}
		const format = this.#storage === 'stored' ? stored : this.#storage;
		if (format === stored) return { data: resized(tensor.data, rows, columns), format };
		const floats = asFloats(tensor);
		return { data: resized(format === 'f16' ? roundToHalf(floats) : floats, rows, columns), format };
	}

	#take(name: string, axes: readonly Axis[]): StoredTensor {
		const tensor = this.#host.get(name);
		const shape = shapeIn(tensor, axes);
		const found = tensor === undefined ? 'nothing' : `[${tensor.shape.join(', ')}]`;
		if (tensor !== undefined && found === `[${shape.join(', ')}]`) return tensor;
		throw new FormatError(`The weight "${name}" should be [${shape.join(', ')}]; the files hold ${found}.`, {
			code: tensor === undefined ? 'weight-missing' : 'weight-shape',
			hint: 'The model’s files are incomplete or belong to another configuration.',
			context: { name, found },
		});
	}
}

/** The shape that a file with this tensor should state. */
function shapeIn(tensor: StoredTensor | undefined, axes: readonly Axis[]): number[] {
	const shape = axes.map(({ parts, from }) => parts * from);
	if (tensor === undefined || !isBlockFormat(formatOf(tensor))) return shape;
	const width = shape.pop() ?? 0;
	return [...shape, Math.ceil(width / BLOCK_SIZE) * BLOCK_SIZE];
}
