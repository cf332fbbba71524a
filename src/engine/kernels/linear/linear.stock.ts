/** The linear layer composed of tfjs ops; gradients of A and B are added into the flat tensor on the host. */
import {
	add,
	concat,
	matMul,
	mul,
	slice,
	tensor2d,
	transpose,
	zeros,
	type Tensor1D,
	type Tensor2D,
} from '@tensorflow/tfjs-core';
import { columnsOf, floatView } from '../../host.ts';
import { axis } from '../../op.ts';
import { transposedOf, type Weight } from '../../weight.ts';
import { loraWidth, placedBlocks, type LoraSlot, type PlacedBlock } from './lora.ts';

export function linearStock(
	x: Tensor2D,
	weight: Weight,
	options: { bias: Tensor1D | undefined; residual: Tensor2D | undefined; lora: LoraSlot | null },
): Tensor2D[] {
	const { bias, residual, lora } = options;
	let y: Tensor2D = matMul(x, transposedOf(weight));
	const xa: Tensor2D | null =
		lora === null ? null : mul(matMul(x, transpose(aOf(lora, axis(x, 1)))), lora.scaling);
	// What may be large comes last: each sum is rounded at the size of its result.
	if (lora !== null && xa !== null) y = add(y, loraDelta(lora, xa, axis(weight.data, 0)));
	if (bias !== undefined) y = add(y, bias);
	if (residual !== undefined) y = add(y, residual);
	return xa === null ? [y] : [y, xa];
}

/** xa·Bᵀ on the rows of the blocks, zeros between them. */
function loraDelta(lora: LoraSlot, xa: Tensor2D, N: number): Tensor2D {
	const T = axis(xa, 0);
	const pieces: Tensor2D[] = [];
	let row = 0;
	for (const block of placedBlocks(lora)) {
		if (block.rowStart > row) pieces.push(zeros([T, block.rowStart - row]));
		const part = columnsOf(xa, block.aRow, lora.rank);
		pieces.push(matMul(part, transpose(bOf(lora, block))));
		row = block.rowEnd;
	}
	if (row < N) pieces.push(zeros([T, N - row]));
	return concat(pieces, 1);
}

export function linearGradStock(
	dy: Tensor2D,
	x: Tensor2D,
	weight: Weight,
	options: { lora: LoraSlot | null; xa: Tensor2D | undefined; grads: Tensor1D | undefined; needDx: boolean },
): Tensor2D[] {
	const { lora, xa, grads, needDx } = options;
	const dx: Tensor2D | null = needDx ? matMul(dy, weight.data) : null;
	if (lora === null || xa === undefined || grads === undefined) return dx === null ? [] : [dx];
	const K = axis(x, 1);
	const dxas: Tensor2D[] = [];
	for (const block of placedBlocks(lora)) {
		const { rowStart, rowEnd, aRow, bRow } = block;
		const part = columnsOf(dy, rowStart, rowEnd - rowStart);
		dxas.push(mul(matMul(part, bOf(lora, block)), lora.scaling));
		const xaPart = columnsOf(xa, aRow, lora.rank);
		addInto(grads, lora.bOffset + bRow * lora.rank, matMul(transpose(part), xaPart));
	}
	const dxa: Tensor2D = concat(dxas, 1);
	addInto(grads, lora.aOffset, matMul(transpose(dxa), x));
	return dx === null ? [] : [add(dx, matMul(dxa, aOf(lora, K)))];
}

/** B·A [N, K] without the scaling, zeros outside the blocks. */
export function loraProduct(lora: LoraSlot, [N, K]: readonly [number, number]): Tensor2D {
	const a = aOf(lora, K);
	const pieces: Tensor2D[] = [];
	let row = 0;
	for (const block of placedBlocks(lora)) {
		if (block.rowStart > row) pieces.push(zeros([block.rowStart - row, K]));
		const part: Tensor2D = slice(a, [block.aRow, 0], [lora.rank, K]);
		pieces.push(matMul(bOf(lora, block), part));
		row = block.rowEnd;
	}
	if (row < N) pieces.push(zeros([N - row, K]));
	return concat(pieces, 0);
}

function aOf(lora: LoraSlot, K: number): Tensor2D {
	const rows = loraWidth(lora);
	return part(lora.params, lora.aOffset, rows, K);
}

function bOf(lora: LoraSlot, block: PlacedBlock): Tensor2D {
	const rows = block.rowEnd - block.rowStart;
	const start = lora.bOffset + block.bRow * lora.rank;
	return part(lora.params, start, rows, lora.rank);
}

/** A copy of some of the flat values as a matrix: tfjs's slice reads the whole tensor first. */
function part(flat: Tensor1D, start: number, rows: number, columns: number): Tensor2D {
	return tensor2d(floatView(flat).slice(start, start + rows * columns), [rows, columns]);
}

/** flat[offset …] += delta. */
function addInto(flat: Tensor1D, offset: number, delta: Tensor2D): void {
	const from = floatView(delta);
	const into = floatView(flat).subarray(offset, offset + from.length);
	from.forEach((value, i) => {
		into[i] = (into[i] ?? 0) + value;
	});
}
