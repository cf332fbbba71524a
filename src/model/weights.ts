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
import type { ModelConfig } from '#core/model/model.ts';
import type { WeightStorage } from '#core/device/kernels.ts';
import type { HeadNorms } from './headNorm.ts';
import { fuseWeights, plainName, type StoredTensor } from './fuse.ts';
import { normFactor, resized, wholeAxis, type Axis } from './padding.ts';
import {
	axesOf,
	expectShape,
	misfit,
	weightSlots,
	type MatrixSlot,
	type Slot,
	type VectorSlot,
} from './weightSlots.ts';

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
 * @throws like {@link WeightUpload}
 */
export function uploadWeights(
	config: ModelConfig,
	tensors: ReadonlyMap<string, StoredTensor>,
	storage: WeightStorage = 'f32',
): ModelWeights {
	const upload = new WeightUpload(config, storage);
	try {
		for (const [name, tensor] of fuseWeights(tensors)) upload.add(name, tensor);
		return upload.finish();
	} catch (error) {
		upload.dispose();
		throw error;
	}
}

/**
 * Uploads a model weight by weight, in any order, so that no two of them need to be in memory.
 *
 * Methods throw FormatError naming the weight that is missing or whose shape does not match the configuration, and DeviceError
 * `limits-too-low` naming the weight that is larger than the GPU can bind.
 */
export class WeightUpload {
	#bytes = 0;
	readonly #config: ModelConfig;
	readonly #storage: WeightStorage;
	readonly #slots: ReadonlyMap<string, Slot>;
	readonly #vectors = new Map<string, Tensor1D>();
	readonly #matrices = new Map<string, Weight>();
	readonly #tables = new Map<string, Table>();

	constructor(config: ModelConfig, storage: WeightStorage) {
		this.#config = config;
		this.#storage = storage;
		this.#slots = weightSlots(config);
	}

	/**
	 * Uploads one weight; the decoder does not use weights of other names.
	 *
	 * @param fullName WebLLM's, with or without a leading `model.`
	 */
	add(fullName: string, tensor: StoredTensor): void {
		const name = plainName(fullName);
		const slot = this.#slots.get(name);
		if (slot === undefined || this.#has(name)) return;
		expectShape(name, slot, tensor);
		if (slot.kind === 'vector') this.#addVector(name, slot, tensor);
		else this.#addMatrix(name, slot, tensor);
	}

	/** The model, when all its weights are there. */
	finish(): ModelWeights {
		for (const [name, slot] of this.#slots) if (!this.#has(name)) throw misfit(name, slot, undefined);
		const { layers, tieWordEmbeddings } = this.#config;
		const embedding = this.#table('embed_tokens.weight');
		return {
			embedding,
			blocks: Array.from({ length: layers }, (_, layer) => this.#block(layer)),
			norm: this.#vector('norm.weight'),
			head: tieWordEmbeddings ? embedding : this.#table('lm_head.weight'),
			bytes: this.#bytes,
			dispose: () => this.dispose(),
		};
	}

	dispose(): void {
		for (const vector of this.#vectors.values()) vector.dispose();
		for (const table of [...this.#matrices.values(), ...this.#tables.values()]) disposeTable(table);
	}

	#block(layer: number): BlockWeights {
		const at = (name: string): string => `layers.${layer}.${name}`;
		const { attentionBias, qkNorm, rmsNormEps } = this.#config;
		const { head } = axesOf(this.#config);
		return {
			inputNorm: this.#vector(at('input_layernorm.weight')),
			qkv: this.#matrix(at('self_attn.qkv_proj.weight')),
			qkvBias: attentionBias ? this.#vector(at('self_attn.qkv_proj.bias')) : undefined,
			headNorms: qkNorm
				? {
						q: this.#vector(at('self_attn.q_norm.weight')),
						k: this.#vector(at('self_attn.k_norm.weight')),
						eps: rmsNormEps * normFactor(head),
					}
				: undefined,
			o: this.#matrix(at('self_attn.o_proj.weight')),
			postNorm: this.#vector(at('post_attention_layernorm.weight')),
			gateUp: this.#matrix(at('mlp.gate_up_proj.weight')),
			down: this.#matrix(at('mlp.down_proj.weight')),
		};
	}

	#addVector(name: string, { axis, factor }: VectorSlot, tensor: StoredTensor): void {
		const data = resized(asFloats(tensor), axis, wholeAxis(1));
		const vector = tensor1d(factor === 1 ? data : data.map((value) => factor * value), 'float32');
		this.#vectors.set(name, vector);
		place(vector, name);
		this.#bytes += 4 * vector.size;
	}

	#addMatrix(name: string, { kind, rows, columns }: MatrixSlot, tensor: StoredTensor): void {
		const numbers = this.#numbers(tensor, rows, columns);
		const width = columns.parts * columns.to;
		if (kind === 'matrix') {
			const weight = storedWeight(numbers, rows.parts * rows.to, width);
			this.#matrices.set(name, weight);
			this.#place(weight, name);
		} else {
			const table = storedTable(numbers, rows.to, width);
			this.#tables.set(name, table);
			this.#place(table, name);
		}
	}

	#place(table: Table, name: string): void {
		for (const { weight } of tableParts(table)) place(weight.data, name);
		this.#bytes += tableBytes(table);
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

	#has(name: string): boolean {
		return this.#vectors.has(name) || this.#matrices.has(name) || this.#tables.has(name);
	}

	#vector(name: string): Tensor1D {
		return found(this.#vectors, name);
	}

	#matrix(name: string): Weight {
		return found(this.#matrices, name);
	}

	#table(name: string): Table {
		return found(this.#tables, name);
	}
}

function found<T>(made: ReadonlyMap<string, T>, name: string): T {
	const one = made.get(name);
	if (one === undefined) throw new Error(`${name} is no slot of its kind`);
	return one;
}
