/**
 * A linear layer of few rows, fused with its neighbours in a decoding step: the norm before it, SwiGLU or the
 * residual after it.
 *
 *   x̂ = x·g / √(mean x² + eps) with a norm, else x;  z = x̂·Wᵀ + bias;  y = silu(z_gate)·z_up, or z + residual
 *
 * With few rows a dispatch costs more than its work, so the norm has no pass of its own: the kernel
 * multiplies W by g as it reads it, sums Σx² in the same loop, and divides the sum at the end. Dispatches: 1.
 *
 * Grid: a thread owns `rows` rows × 8 columns (SwiGLU: 4 gates and their 4 ups); x over column tiles, y over
 * row tiles. If subgroups have four threads, the four share their reads of x. Otherwise, for tiles of up to
 * four rows, the 16 neighbouring threads of a workgroup split K, so that neighbours read neighbouring quads
 * of W, and add their sums in workgroup memory. Traffic: W once per row tile, x once per column tile.
 *
 * A vocabulary may have any size. The last quad of such a product reads past W, which WebGPU allows within the
 * binding and whose value is arbitrary; a second dispatch drops these columns.
 *
 * @reference decodeLinear.reference.ts (f64) · tests/gpu/decodeLinear.test.ts
 */
import { slice, type Tensor1D, type Tensor2D, type TensorInfo } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectMultipleOf4, expectShape, output2D } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { weightShape, weightType, type Weight } from '../../weight.ts';
import { decodeLinearStock } from './decodeLinear.stock.ts';
import type { DecodeLinearOptions } from './options.ts';
import { decodeLinearProgram, planDecodeLinear, tileRows } from './programs.ts';

export type { DecodeLinearOptions } from './options.ts';

type Inputs = { x: Tensor2D; w: Tensor2D } & Record<'norm' | 'bias', Tensor1D | undefined> &
	Record<'residual' | 'transposed', Tensor2D | undefined>;

const op = defineOp<Inputs, { weight: Weight; options: DecodeLinearOptions }>('AnchorageDecodeLinear', {
	webgpu: ({ x }, { weight, options }) => [record(x, weight, options)],
	stock: ({ x }, { weight, options }) => [decodeLinearStock(x, weight, options)],
});

function record(x: Tensor2D, weight: Weight, options: DecodeLinearOptions): TensorInfo {
	const gpu = recorder();
	const { norm, bias, residual, swiglu = false } = options;
	const [B, K] = x.shape;
	const quads = Math.ceil(axis(weight.data, 0) / (swiglu ? 8 : 4));
	const y = gpu.allocate([B, 4 * quads]);
	const inputs: TensorInfo[] = [x, weight.data];
	for (const optional of [norm?.weight, bias, residual]) if (optional !== undefined) inputs.push(optional);
	const rows = tileRows(B);
	const program = decodeLinearProgram(
		rows,
		norm !== undefined,
		bias !== undefined,
		residual !== undefined,
		swiglu,
		gpu.lanes4,
		weightType(weight),
	);
	gpu.record(
		program,
		[...inputs, y],
		[B, K / 4, quads, norm?.eps ?? 0],
		planDecodeLinear(B, quads, swiglu, gpu.lanes4),
	);
	return y;
}

/**
 * @param x      [B, K], K a multiple of 4; N a multiple of 4 (of 8 with SwiGLU) if an option adds to y or gates it
 * @param weight [N, K]
 * @returns      [B, N], or [B, N/2] with SwiGLU
 * @throws       ShapeError
 */
export function decodeLinear(x: Tensor2D, weight: Weight, options: DecodeLinearOptions = {}): Tensor2D {
	const columns = checkedColumns(x, weight, options);
	const { norm, bias, residual } = options;
	const tensors = op(
		{ x, w: weight.data, norm: norm?.weight, bias, residual, transposed: weight.transposed ?? undefined },
		{ weight, options },
	);
	const y = output2D(tensors, 0);
	if (axis(y, 1) === columns) return y;
	const cut = slice(y, [0, 0], [axis(y, 0), columns]);
	y.dispose();
	return cut;
}

/** Columns of the result. */
function checkedColumns(x: Tensor2D, weight: Weight, options: DecodeLinearOptions): number {
	const [N, K] = weightShape(weight);
	const { norm, bias, residual, swiglu = false } = options;
	const columns = swiglu ? N / 2 : N;
	const alone = bias === undefined && residual === undefined && !swiglu;
	expectMultipleOf4('decodeLinear', alone ? { K } : { K, N: columns });
	expectShape('decodeLinear', 'x', x, [-1, K]);
	if (norm !== undefined) expectShape('decodeLinear', 'norm', norm.weight, [K]);
	if (bias !== undefined) expectShape('decodeLinear', 'bias', bias, [N]);
	if (residual !== undefined) expectShape('decodeLinear', 'residual', residual, [axis(x, 0), columns]);
	return columns;
}
