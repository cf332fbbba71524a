/**
 * The frozen linear layer with LoRA folded in, and its gradients.
 *
 *   xa = s·x·Aᵀ            y  = x·Wᵀ + xa·Bᵀ + bias + residual
 *   dxa = s·dy·B           dx = dy·W + dxa·A            dA += dxaᵀ·x        dB += dyᵀ·xa
 *
 * Dispatches: forward 2 with LoRA (xa, y), 1 without; backward 4 with LoRA (dxa, dB, dA, dx), 1 without, one
 * less if dx is not needed. The programs, with grids, traffic and rejected variants, are in forward.ts and
 * backward.ts. W is read in the files' own order [N, K] both ways, without a transposed copy.
 *
 * @reference linear.reference.ts (f64) · tests/gpu/linear.test.ts
 */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { ShapeError } from '#core/errors.ts';
import { axis, defineOp, expectMultipleOf4, expectShape, output2D } from '../../op.ts';
import { weightShape, type Weight } from '../../weight.ts';
import { recordLinearGrad } from './backward.ts';
import { recordLinear } from './forward.ts';
import { linearGradStock, linearStock } from './linear.stock.ts';
import { checkSlot, loraWidth, type LoraSlot } from './lora.ts';

export interface LinearOptions {
	/** [N] */
	readonly bias?: Tensor1D | undefined;
	readonly lora?: LoraSlot | undefined;
	/** [T, N], added to y. */
	readonly residual?: Tensor2D | undefined;
}

export interface LinearResult {
	/** [T, N] */
	y: Tensor2D;
	/** scaling · x·Aᵀ [T, blocks·rank], for the gradient; null without LoRA. */
	xa: Tensor2D | null;
}

export interface LinearGradOptions {
	readonly lora?: LoraSlot | undefined;
	/** xa of the forward pass. */
	readonly xa?: Tensor2D | undefined;
	/** Flat, like the slot's params: dA and dB are added at the slot's offsets. */
	readonly grads?: Tensor1D | undefined;
	/** False for the first layer, because no parameters precede its input. */
	readonly needDx?: boolean | undefined;
}

type ForwardInputs = { x: Tensor2D; w: Tensor2D } & Record<'bias' | 'params', Tensor1D | undefined> &
	Record<'residual' | 'transposed', Tensor2D | undefined>;

const forward = defineOp<ForwardInputs, { weight: Weight; lora: LoraSlot | null }>('AnchorageLinear', {
	webgpu: ({ x, bias, residual }, { weight, lora }) => recordLinear(x, weight, { bias, residual, lora }),
	stock: ({ x, bias, residual }, { weight, lora }) => linearStock(x, weight, { bias, residual, lora }),
});

type BackwardInputs = { dy: Tensor2D; x: Tensor2D; w: Tensor2D } & Record<
	'grads' | 'params',
	Tensor1D | undefined
> & { xa: Tensor2D | undefined };

const backward = defineOp<BackwardInputs, { weight: Weight; lora: LoraSlot | null; needDx: boolean }>(
	'AnchorageLinearGrad',
	{
		webgpu: ({ dy, x, xa, grads }, { weight, lora, needDx }) =>
			recordLinearGrad(dy, x, weight, { lora, xa, grads, needDx }),
		stock: ({ dy, x, xa, grads }, { weight, lora, needDx }) =>
			linearGradStock(dy, x, weight, { lora, xa, grads, needDx }),
	},
);

/**
 * y = x·Wᵀ (+ LoRA, bias, residual).
 *
 * @param x      [T, K]; K and N multiples of 4
 * @param weight [N, K]
 * @throws       ShapeError
 */
export function linear(x: Tensor2D, weight: Weight, options: LinearOptions = {}): LinearResult {
	const [N, K] = weightShape(weight);
	const { bias, residual, lora } = options;
	expectMultipleOf4('linear', { K, N });
	expectShape('linear', 'x', x, [-1, K]);
	if (bias !== undefined) expectShape('linear', 'bias', bias, [N]);
	if (residual !== undefined) expectShape('linear', 'residual', residual, [axis(x, 0), N]);
	if (lora !== undefined) checkSlot('linear', lora, N);
	const tensors = forward(
		{ x, w: weight.data, bias, residual, params: lora?.params, transposed: weight.transposed ?? undefined },
		{ weight, lora: lora ?? null },
	);
	return { y: output2D(tensors, 0), xa: lora === undefined ? null : output2D(tensors, 1) };
}

/**
 * Gradients of {@link linear}: returns dx and adds dA and dB to `grads`. Bias and W are frozen; the gradient
 * of the residual is dy itself.
 *
 * @param dy [T, N]
 * @param x  [T, K], the forward's input
 * @returns  dx [T, K], or null if not needed
 * @throws   ShapeError; also if a slot comes without xa and grads
 */
export function linearGrad(
	dy: Tensor2D,
	x: Tensor2D,
	weight: Weight,
	options: LinearGradOptions = {},
): Tensor2D | null {
	const [N, K] = weightShape(weight);
	const { lora, xa, grads, needDx = true } = options;
	expectMultipleOf4('linearGrad', { K, N });
	expectShape('linearGrad', 'x', x, [-1, K]);
	expectShape('linearGrad', 'dy', dy, [axis(x, 0), N]);
	if (lora !== undefined) {
		checkSlot('linearGrad', lora, N);
		if (xa === undefined || grads === undefined) {
			throw new ShapeError('linearGrad: a LoRA slot needs xa of the forward pass and the flat grads.', {
				code: 'lora-without-grads',
			});
		}
		expectShape('linearGrad', 'xa', xa, [axis(x, 0), loraWidth(lora)]);
		expectShape('linearGrad', 'grads', grads, [axis(lora.params, 0)]);
	}
	const tensors = backward(
		{ dy, x, w: weight.data, xa, grads, params: lora?.params },
		{ weight, lora: lora ?? null, needDx },
	);
	return needDx ? output2D(tensors, 0) : null;
}
