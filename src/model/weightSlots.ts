/** The weights that a configuration needs, by WebLLM's names without the leading `model.`, with their axes in files and on the device. */
import { FormatError } from '#core/errors.ts';
import { BLOCK_SIZE, formatOf, isBlockFormat } from '#core/format/numberFormat.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { StoredTensor } from './fuse.ts';
import { axesBetween, normFactor, paddedConfig, wholeAxis, type Axis, type ModelAxes } from './padding.ts';

export interface VectorSlot {
	kind: 'vector';
	axis: Axis;
	/** Of the values on the device, for norms over padded widths; see {@link normFactor}. */
	factor: number;
}

/** `table`: a matrix whose rows may be in several parts. */
export interface MatrixSlot {
	kind: 'matrix' | 'table';
	rows: Axis;
	columns: Axis;
}

export type Slot = VectorSlot | MatrixSlot;

const matrix = (rows: Axis, columns: Axis): Slot => ({ kind: 'matrix', rows, columns });
const norm = (axis: Axis): Slot => ({ kind: 'vector', axis, factor: Math.sqrt(normFactor(axis)) });

export function axesOf(config: ModelConfig): ModelAxes {
	return axesBetween(config, paddedConfig(config));
}

export function weightSlots(config: ModelConfig): ReadonlyMap<string, Slot> {
	const axes = axesOf(config);
	const table: Slot = { kind: 'table', rows: wholeAxis(config.vocabSize), columns: axes.hidden };
	const slots = new Map<string, Slot>([
		['embed_tokens.weight', table],
		['norm.weight', norm(axes.hidden)],
	]);
	if (!config.tieWordEmbeddings) slots.set('lm_head.weight', table);
	const block = blockSlots(config, axes);
	for (let layer = 0; layer < config.layers; layer++)
		for (const [name, slot] of block) slots.set(`layers.${layer}.${name}`, slot);
	return slots;
}

function blockSlots(config: ModelConfig, axes: ModelAxes): readonly (readonly [string, Slot])[] {
	return [
		['input_layernorm.weight', norm(axes.hidden)],
		['self_attn.qkv_proj.weight', matrix(axes.qkv, axes.hidden)],
		...(config.attentionBias
			? [['self_attn.qkv_proj.bias', { kind: 'vector', axis: axes.qkv, factor: 1 }] as const]
			: []),
		...(config.qkNorm
			? ['q', 'k'].map((side) => [`self_attn.${side}_norm.weight`, norm(axes.head)] as const)
			: []),
		['self_attn.o_proj.weight', matrix(axes.hidden, axes.queries)],
		['post_attention_layernorm.weight', norm(axes.hidden)],
		['mlp.gate_up_proj.weight', matrix(axes.gateUp, axes.hidden)],
		['mlp.down_proj.weight', matrix(axes.hidden, axes.feedForward)],
	];
}

/** @throws FormatError `weight-shape` naming the weight */
export function expectShape(name: string, slot: Slot, tensor: StoredTensor): void {
	if (String(tensor.shape) !== String(shapeIn(slot, tensor))) throw misfit(name, slot, tensor);
}

/** The error for a weight that is missing or has another shape. */
export function misfit(name: string, slot: Slot, tensor: StoredTensor | undefined): FormatError {
	const found = tensor === undefined ? 'nothing' : `[${tensor.shape.join(', ')}]`;
	const wanted = shapeIn(slot, tensor).join(', ');
	return new FormatError(`The weight "${name}" should be [${wanted}]; the files hold ${found}.`, {
		code: tensor === undefined ? 'weight-missing' : 'weight-shape',
		hint: 'The model’s files are incomplete or belong to another configuration.',
		context: { name, found },
	});
}

/** The shape that a file with this tensor should state. */
function shapeIn(slot: Slot, tensor: StoredTensor | undefined): number[] {
	const axes = slot.kind === 'vector' ? [slot.axis] : [slot.rows, slot.columns];
	const shape = axes.map(({ parts, from }) => parts * from);
	if (tensor === undefined || !isBlockFormat(formatOf(tensor))) return shape;
	const width = shape.pop() ?? 0;
	return [...shape, Math.ceil(width / BLOCK_SIZE) * BLOCK_SIZE];
}
