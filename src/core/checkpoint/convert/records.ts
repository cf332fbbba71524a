/**
 * The records of a model in MLC's form, in the order of its files: q, k and v are rows of one matrix, gate and up
 * of another. `python/webllm/architecture.py` compiles libraries for the same list.
 */
import type { ModelConfig } from '../../model/model.ts';

export interface WeightRecord {
	/** MLC's. */
	name: string;
	shape: readonly number[];
	/** Hugging Face's tensors, stacked along the first axis. */
	parts: readonly RecordPart[];
}

export interface RecordPart {
	name: string;
	shape: readonly number[];
}

/** A fused matrix [sum of rows, columns]. */
interface Projection {
	/** MLC's name without `.weight`. */
	name: string;
	/** Hugging Face's names, with their rows. */
	parts: readonly (readonly [name: string, rows: number])[];
	columns: number;
	biased: boolean;
}

/** Every record but those of LoRA, one after the other: a file can claim millions of layers. */
export function* weightRecords(config: ModelConfig): Generator<WeightRecord> {
	const { hiddenSize, vocabSize, layers } = config;
	yield single('model.embed_tokens.weight', [vocabSize, hiddenSize]);
	for (let layer = 0; layer < layers; layer++) yield* layerRecords(config, layer);
	yield single('model.norm.weight', [hiddenSize]);
	if (!config.tieWordEmbeddings) yield single('lm_head.weight', [vocabSize, hiddenSize]);
}

/** LoRA's A [parts · rank, in] and B [out, rank] of every projection. */
export function loraShapes(config: ModelConfig, rank: number): RecordPart[] {
	return Array.from({ length: config.layers }, (_, layer) => projections(config, layer))
		.flat()
		.flatMap(({ name, parts, columns }) => [
			{ name: `${name}.lora_A`, shape: [parts.length * rank, columns] },
			{ name: `${name}.lora_B`, shape: [rowsOf(parts), rank] },
		]);
}

function layerRecords(config: ModelConfig, layer: number): WeightRecord[] {
	const { hiddenSize, headDim } = config;
	const prefix = `model.layers.${layer}.`;
	const [qkv, o, gateUp, down] = projections(config, layer).map(fused);
	const headNorms = config.qkNorm
		? ['q', 'k'].map((part) => single(`${prefix}self_attn.${part}_norm.weight`, [headDim]))
		: [];
	return [
		single(`${prefix}input_layernorm.weight`, [hiddenSize]),
		...(qkv ?? []),
		...headNorms,
		...(o ?? []),
		single(`${prefix}post_attention_layernorm.weight`, [hiddenSize]),
		...(gateUp ?? []),
		...(down ?? []),
	];
}

function projections(config: ModelConfig, layer: number): Projection[] {
	const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = config;
	const attention = `model.layers.${layer}.self_attn.`;
	const mlp = `model.layers.${layer}.mlp.`;
	// MLC names the fused projection of Qwen models differently.
	const qkvName = config.architecture === 'llama' ? 'qkv_proj' : 'c_attn';
	const plain = { biased: false };
	return [
		{
			name: attention + qkvName,
			parts: [
				[`${attention}q_proj`, heads * headDim],
				[`${attention}k_proj`, kvHeads * headDim],
				[`${attention}v_proj`, kvHeads * headDim],
			],
			columns: hiddenSize,
			biased: config.attentionBias,
		},
		{ ...plain, ...own(`${attention}o_proj`, hiddenSize), columns: heads * headDim },
		{
			...plain,
			name: `${mlp}gate_up_proj`,
			parts: [
				[`${mlp}gate_proj`, intermediateSize],
				[`${mlp}up_proj`, intermediateSize],
			],
			columns: hiddenSize,
		},
		{ ...plain, ...own(`${mlp}down_proj`, hiddenSize), columns: intermediateSize },
	];
}

/** A projection that is not fused. */
const own = (name: string, rows: number): Pick<Projection, 'name' | 'parts'> => ({
	name,
	parts: [[name, rows]],
});

const rowsOf = (parts: Projection['parts']): number => parts.reduce((sum, [, rows]) => sum + rows, 0);

/** The records of a projection: its weight, and its bias if it has one. */
function fused({ name, parts, columns, biased }: Projection): WeightRecord[] {
	const record = (kind: string, inner: readonly number[]): WeightRecord => ({
		name: `${name}.${kind}`,
		shape: [rowsOf(parts), ...inner],
		parts: parts.map(([part, rows]) => ({ name: `${part}.${kind}`, shape: [rows, ...inner] })),
	});
	return [record('weight', [columns]), ...(biased ? [record('bias', [])] : [])];
}

function single(name: string, shape: readonly number[]): WeightRecord {
	return { name, shape, parts: [{ name, shape }] };
}
