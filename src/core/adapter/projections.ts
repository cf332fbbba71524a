/**
 * The linear projections of a decoder block in both forms: WebLLM fuses q, k, v and gate, up into one matrix
 * each; PEFT names them apart. Every mapping between the two forms uses this table.
 */
import type { ModelConfig } from '../model/model.ts';
import type { TargetModule } from '../recipe/recipe.ts';

export type FusedProjection = 'qkv' | 'o' | 'gate_up' | 'down';

/** One PEFT module inside a fused projection: the output rows [rowStart, rowEnd). */
export interface ProjectionPart {
	module: TargetModule;
	rowStart: number;
	rowEnd: number;
}

/** A fused weight matrix, [outFeatures, inFeatures] row-major; its parts are in order and cover all rows. */
export interface ProjectionShape {
	projection: FusedProjection;
	inFeatures: number;
	outFeatures: number;
	parts: readonly ProjectionPart[];
}

function shapeOf(
	projection: FusedProjection,
	inFeatures: number,
	rows: readonly (readonly [TargetModule, number])[],
): ProjectionShape {
	const parts: ProjectionPart[] = [];
	let rowStart = 0;
	for (const [module, count] of rows) {
		parts.push({ module, rowStart, rowEnd: rowStart + count });
		rowStart += count;
	}
	return { projection, inFeatures, outFeatures: rowStart, parts };
}

/** The four fused projections of every layer, in the order of the forward pass. */
export function projectionShapes(config: ModelConfig): readonly ProjectionShape[] {
	const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = config;
	return [
		shapeOf('qkv', hiddenSize, [
			['q_proj', heads * headDim],
			['k_proj', kvHeads * headDim],
			['v_proj', kvHeads * headDim],
		]),
		shapeOf('o', heads * headDim, [['o_proj', hiddenSize]]),
		shapeOf('gate_up', hiddenSize, [
			['gate_proj', intermediateSize],
			['up_proj', intermediateSize],
		]),
		shapeOf('down', intermediateSize, [['down_proj', hiddenSize]]),
	];
}

/** MLC's record name of a fused projection, without `.weight`; Qwen's name for q, k, v is `c_attn`. */
export function recordName(
	architecture: ModelConfig['architecture'],
	layer: number,
	projection: FusedProjection,
): string {
	const qkv = architecture === 'llama' ? 'qkv_proj' : 'c_attn';
	const names: Record<FusedProjection, string> = {
		qkv: `self_attn.${qkv}`,
		o: 'self_attn.o_proj',
		gate_up: 'mlp.gate_up_proj',
		down: 'mlp.down_proj',
	};
	return `model.layers.${layer}.${names[projection]}`;
}

/** PEFT's name of a module inside its layer: `self_attn.q_proj`. */
export function moduleName(module: TargetModule): string {
	const isAttention = ['q_proj', 'k_proj', 'v_proj', 'o_proj'].includes(module);
	return `${isAttention ? 'self_attn' : 'mlp'}.${module}`;
}
