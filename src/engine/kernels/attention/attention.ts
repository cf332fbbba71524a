/**
 * Causal attention over packed rows, with RoPE and grouped heads, and its gradient. No [T, T] matrix exists.
 *
 *   q̂, k̂ = RoPE(q, k);  s_ij = scale·q̂_i·k̂_j for the keys j that row i sees
 *   lse_i = log Σ_j e^s_ij;  o_i = Σ_j e^(s_ij − lse_i)·v_j
 *   δ_i = dO_i·o_i;  p_ij = e^(s_ij − lse_i);  g_ij = p_ij·scale·(dO_i·v_j − δ_i)
 *   dv_j = Σ_i p_ij·dO_i;  dq̂_i = Σ_j g_ij·k̂_j;  dk̂_j = Σ_i g_ij·q̂_i;  dq, dk = RoPEᵀ(dq̂, dk̂)
 *
 * `layout` [T, 4] defines the mask: row i sees keys [prefixStart, prefixEnd) and [ownStart, i]; key j is seen
 * by rows [j, queryEnd). So sequences are packed without padding, and several completions may share a prompt.
 *
 * Dispatches: forward 2 (rotation, attention), backward 2 (dq with δ; dk and dv), both of which rotate back
 * in their last lines. The programs are in programs.ts; rotation.ts rotates q and k; rope.ts makes the table.
 *
 * @reference attention.reference.ts (f64) · tests/gpu/attention.test.ts
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { ShapeError } from '#core/errors.ts';
import { axis, defineOp, expectShape, output2D } from '../../op.ts';
import type { AttentionConfig } from './config.ts';
import { recordAttention, recordAttentionGrad } from './programs.ts';
import { attentionGradStock, attentionStock } from './attention.stock.ts';

export type { AttentionConfig } from './config.ts';

export interface AttentionResult {
	/** [T, H·D] */
	o: Tensor2D;
	/** [T, 2·H]: lse (nats) of each row and head, followed by a slot for the gradient's δ. */
	stats: Tensor2D;
	/** qkv with q and k rotated, for the gradient and the KV cache; qkv itself is no longer needed. */
	rotated: Tensor2D;
}

/** Width of a row of qkv. */
export function widthOf({ heads, kvHeads, headSize }: AttentionConfig): number {
	return (heads + 2 * kvHeads) * headSize;
}

/** @throws ShapeError */
export function checkAttention(
	op: string,
	qkv: TensorInfo,
	positions: TensorInfo,
	config: AttentionConfig,
): void {
	const { heads, kvHeads, headSize, rope } = config;
	if (headSize % 8 !== 0 || heads % kvHeads !== 0) {
		throw new ShapeError(
			`${op}: ${heads} heads of ${headSize} over ${kvHeads} key heads are not supported.`,
			{
				code: 'attention-heads',
				hint: 'The head size must be a multiple of 8, the key heads must divide the heads.',
				context: { heads, kvHeads, headSize },
			},
		);
	}
	expectShape(op, 'qkv', qkv, [-1, widthOf(config)]);
	expectShape(op, 'positions', positions, [axis(qkv, 0)]);
	expectShape(op, 'rope', rope, [-1, headSize]);
}

const forward = defineOp<
	{ qkv: Tensor2D; positions: Tensor1D; layout: Tensor2D; rope: Tensor2D },
	{ config: AttentionConfig }
>('AnchorageAttention', {
	webgpu: ({ qkv, positions, layout }, { config }) => recordAttention(qkv, positions, layout, config),
	stock: ({ qkv, positions, layout }, { config }) => attentionStock(qkv, positions, layout, config),
});

/** Inputs of {@link attentionGrad} from the forward pass. */
export interface AttentionSaved {
	readonly rotated: Tensor2D;
	readonly o: Tensor2D;
	/** The gradient writes δ into it. */
	readonly stats: Tensor2D;
}

const backward = defineOp<
	Record<'dO' | 'rotated' | 'o' | 'stats' | 'layout' | 'rope', Tensor2D> & { positions: Tensor1D },
	{ config: AttentionConfig }
>('AnchorageAttentionGrad', {
	webgpu: (inputs, { config }) => recordAttentionGrad(inputs, config),
	stock: (inputs, { config }) => [attentionGradStock(inputs, config)],
});

/**
 * @param qkv       [T, (H + 2·Hkv)·D]: q heads, k heads, v heads, before rotation
 * @param positions int32 [T], for RoPE
 * @param layout    int32 [T, 4]: prefixStart, prefixEnd, ownStart, queryEnd; padding row i: 0, 0, i, i + 1
 * @throws          ShapeError
 */
export function attention(
	qkv: Tensor2D,
	positions: Tensor1D,
	layout: Tensor2D,
	config: AttentionConfig,
): AttentionResult {
	checkAttention('attention', qkv, positions, config);
	expectShape('attention', 'layout', layout, [axis(qkv, 0), 4]);
	const tensors = forward({ qkv, positions, layout, rope: config.rope }, { config });
	return {
		o: output2D(tensors, 0),
		stats: output2D(tensors, 1),
		rotated: output2D(tensors, 2),
	};
}

/**
 * Gradient of {@link attention} with respect to qkv before rotation.
 *
 * @param dO [T, H·D]
 * @returns  dqkv [T, (H + 2·Hkv)·D]
 */
export function attentionGrad(
	dO: Tensor2D,
	saved: AttentionSaved,
	positions: Tensor1D,
	layout: Tensor2D,
	config: AttentionConfig,
): Tensor2D {
	const { rotated, o, stats } = saved;
	const T = axis(rotated, 0);
	checkAttention('attentionGrad', rotated, positions, config);
	expectShape('attentionGrad', 'dO', dO, [T, config.heads * config.headSize]);
	expectShape('attentionGrad', 'layout', layout, [T, 4]);
	expectShape('attentionGrad', 'stats', stats, [T, 2 * config.heads]);
	const inputs = { dO, rotated, o, stats, positions, layout, rope: config.rope };
	return output2D(backward(inputs, { config }), 0);
}
