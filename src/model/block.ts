/** One decoder block forward. The caller supplies the attention: over packed rows, or over a KV cache. */
import { linear } from '#engine/kernels/linear/linear.ts';
import { rmsNorm } from '#engine/kernels/rmsNorm/rmsNorm.ts';
import { swiglu } from '#engine/kernels/swiglu/swiglu.ts';
import type { Tensor2D } from '#engine/tensor.ts';
import type { FusedProjection } from '#core/adapter/projections.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { normHeads } from './headNorm.ts';
import type { BlockLora } from './lora.ts';
import type { BlockWeights } from './weights.ts';

/** Intermediate results of a block, without its attention. */
export interface BlockTrace {
	/** Block input [T, C]. */
	x: Tensor2D;
	/** [T, C]; optional, like the other two, because recomputing it is cheap. */
	inputNormed: Tensor2D | undefined;
	/** q, k and v before the heads' norms [T, (H + 2G)·D], if the model has head norms (Qwen3). */
	unnormed: Tensor2D | undefined;
	/** After the attention's residual [T, C]. */
	middle: Tensor2D;
	/** [T, C] */
	postNormed: Tensor2D | undefined;
	/** [T, 2F] */
	gateUp: Tensor2D;
	/** silu(gate)·up [T, F] */
	active: Tensor2D | undefined;
	/** x·Aᵀ of each adapted projection. */
	low: Readonly<Record<FusedProjection, Tensor2D | undefined>>;
}

/** q, k and v of a block's rows. */
export interface Projected {
	/** [T, C] */
	inputNormed: Tensor2D;
	/** Before the heads' norms, if the model has them. */
	unnormed: Tensor2D | undefined;
	/** [T, (H + 2G)·D], ready for the rotation. */
	qkv: Tensor2D;
	low: Tensor2D | undefined;
}

/** The part of the block before its attention. @param x [T, C] */
export function projectQkv(config: ModelConfig, w: BlockWeights, lora: BlockLora, x: Tensor2D): Projected {
	const inputNormed = rmsNorm(x, w.inputNorm, config.rmsNormEps);
	const { y, xa } = linear(inputNormed, w.qkv, { bias: w.qkvBias, lora: lora.qkv });
	const normed = w.headNorms === undefined ? undefined : normHeads(y, w.headNorms, config);
	return {
		inputNormed,
		unnormed: normed === undefined ? undefined : y,
		qkv: normed ?? y,
		low: xa ?? undefined,
	};
}

type AfterAttention = Omit<BlockTrace, 'x' | 'inputNormed' | 'unnormed'>;

/** The part of the block after its attention. @param x [T, C] the block's input @param o [T, H·D] */
export function finishBlock(
	config: ModelConfig,
	w: BlockWeights,
	lora: BlockLora,
	x: Tensor2D,
	o: Tensor2D,
): { y: Tensor2D; after: AfterAttention } {
	const middle = linear(o, w.o, { lora: lora.o, residual: x });
	const postNormed = rmsNorm(middle.y, w.postNorm, config.rmsNormEps);
	const gateUp = linear(postNormed, w.gateUp, { lora: lora.gate_up });
	const active = swiglu(gateUp.y);
	const down = linear(active, w.down, { lora: lora.down, residual: middle.y });
	const low = {
		qkv: undefined,
		o: middle.xa ?? undefined,
		gate_up: gateUp.xa ?? undefined,
		down: down.xa ?? undefined,
	};
	return { y: down.y, after: { middle: middle.y, postNormed, gateUp: gateUp.y, active, low } };
}

/**
 * @param x      [T, C]; remains the caller's
 * @param attend maps qkv [T, (H + 2G)·D] to o [T, H·D] and its other results
 */
export function runBlock<A extends { o: Tensor2D }>(
	config: ModelConfig,
	w: BlockWeights,
	lora: BlockLora,
	x: Tensor2D,
	attend: (qkv: Tensor2D) => A,
): { y: Tensor2D; trace: BlockTrace; attended: A } {
	const { inputNormed, unnormed, qkv, low } = projectQkv(config, w, lora, x);
	const attended = attend(qkv);
	// Attention keeps a rotated copy; only the gradient of a head norm still needs the input of that norm.
	qkv.dispose();
	const { y, after } = finishBlock(config, w, lora, x, attended.o);
	return { y, trace: { x, inputNormed, unnormed, ...after, low: { ...after.low, qkv: low } }, attended };
}

/** Frees a trace except its input, which belongs to the previous block. */
export function disposeTrace(trace: BlockTrace): void {
	const { inputNormed, middle, postNormed, gateUp, active, unnormed, low } = trace;
	for (const tensor of [inputNormed, middle, postNormed, gateUp, active, unnormed, ...Object.values(low)]) {
		tensor?.dispose();
	}
}

/** Frees the tensors of a trace that are cheap to recompute: of 4C + 3F floats per row, 2C + F. */
export function slimTrace<T extends BlockTrace>(trace: T): T {
	for (const tensor of [trace.inputNormed, trace.postNormed, trace.active]) tensor?.dispose();
	return { ...trace, inputNormed: undefined, postNormed: undefined, active: undefined };
}
