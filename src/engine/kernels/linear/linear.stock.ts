/**
 * The linear layer composed of tfjs ops; gradients of A and B are added into the flat tensor on the host.
 *
 * The adapter is added to the weights, W + s·B·A, before the product with the rows, because a weight has only
 * a few thousand numbers, far fewer than all rows together. B is stored as the block matrix [N, blocks·rank],
 * so that one product covers all blocks.
 */
import { add, matMul, mul, tensor2d, transpose, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { floatView } from '../../host/memory.ts';
import { axis } from '../../op.ts';
import { transposedOf, weightShape, type Weight } from '../../weight.ts';
import { loraWidth, placedBlocks, type LoraSlot } from './lora.ts';

export function linearStock(
	x: Tensor2D,
	weight: Weight,
	options: { bias: Tensor1D | undefined; residual: Tensor2D | undefined; lora: LoraSlot | null },
): Tensor2D[] {
	const { bias, residual, lora } = options;
	let y: Tensor2D = matMul(x, lora === null ? transposedOf(weight) : mergedTransposed(weight, lora));
	// Terms that may be large are added last, because each sum is rounded at the size of its result.
	if (bias !== undefined) y = add(y, bias);
	if (residual !== undefined) y = add(y, residual);
	return lora === null ? [y] : [y, mul(matMul(x, transpose(aOf(lora, axis(x, 1)))), lora.scaling)];
}

export function linearGradStock(
	dy: Tensor2D,
	x: Tensor2D,
	weight: Weight,
	options: { lora: LoraSlot | null; xa: Tensor2D | undefined; grads: Tensor1D | undefined; needDx: boolean },
): Tensor2D[] {
	const { lora, xa, grads, needDx } = options;
	if (lora !== null && xa !== undefined && grads !== undefined) addLoraGrads(dy, x, { lora, xa, grads });
	if (!needDx) return [];
	return [matMul(dy, lora === null ? weight.data : mergedStock(weight.data, lora))];
}

/** W + s·B·A [N, K] */
export function mergedStock(w: Tensor2D, lora: LoraSlot): Tensor2D {
	const [N, K] = w.shape;
	return add(w, mul(matMul(bOf(lora, N), aOf(lora, K)), lora.scaling));
}

/** The transpose of {@link mergedStock}, [K, N], without transposing a large matrix. */
function mergedTransposed(weight: Weight, lora: LoraSlot): Tensor2D {
	const [N, K] = weightShape(weight);
	const change = matMul(transpose(aOf(lora, K)), transpose(bOf(lora, N)));
	return add(transposedOf(weight), mul(change, lora.scaling));
}

/** dA = s·(dy·B)ᵀ·x and dB = dyᵀ·xa, each added at its offset. */
function addLoraGrads(
	dy: Tensor2D,
	x: Tensor2D,
	{ lora, xa, grads }: { lora: LoraSlot; xa: Tensor2D; grads: Tensor1D },
): void {
	const N = axis(dy, 1);
	const dxa: Tensor2D = mul(matMul(dy, bOf(lora, N)), lora.scaling);
	const dA = productOver(dxa, x);
	const dB = matMul(transpose(dy), xa);
	const into = floatView(grads);
	floatView(dA).forEach((value, i) => {
		into[lora.aOffset + i] = (into[lora.aOffset + i] ?? 0) + value;
	});
	const [from, width] = [floatView(dB), loraWidth(lora)];
	eachOfB(lora, (at, n, column) => {
		into[at] = (into[at] ?? 0) + (from[n * width + column] ?? 0);
	});
}

/**
 * narrowᵀ·wide [R, K], as the transpose of wideᵀ·narrow: a product of tfjs's wasm copies its second operand into another order first,
 * and the wide one takes longer than the product itself. Both orders give the same digits.
 *
 * @param narrow [T, R] @param wide [T, K]
 */
function productOver(narrow: Tensor2D, wide: Tensor2D): Tensor2D {
	return transpose(matMul(transpose(wide), narrow));
}

/** A [blocks·rank, K], copied directly because tfjs's slice reads the whole tensor first. */
function aOf(lora: LoraSlot, K: number): Tensor2D {
	const rows = loraWidth(lora);
	return tensor2d(floatView(lora.params).slice(lora.aOffset, lora.aOffset + rows * K), [rows, K]);
}

/** B of every block in separate columns [N, blocks·rank], zeros elsewhere. */
function bOf(lora: LoraSlot, N: number): Tensor2D {
	const width = loraWidth(lora);
	const b = new Float32Array(N * width);
	const params = floatView(lora.params);
	eachOfB(lora, (at, n, column) => {
		b[n * width + column] = params[at] ?? 0;
	});
	return tensor2d(b, [N, width]);
}

/**
 * Visits every number of B: its offset in the flat tensor, its row of W, and its column among all blocks'
 * columns.
 */
function eachOfB(lora: LoraSlot, visit: (at: number, n: number, column: number) => void): void {
	for (const { rowStart, rowEnd, aRow, bRow } of placedBlocks(lora)) {
		const first = lora.bOffset + bRow * lora.rank;
		for (let n = rowStart; n < rowEnd; n++) {
			for (let c = 0; c < lora.rank; c++) visit(first + (n - rowStart) * lora.rank + c, n, aRow + c);
		}
	}
}
