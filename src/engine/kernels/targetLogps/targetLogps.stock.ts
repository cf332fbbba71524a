/** Target log-probabilities composed of tfjs ops, a few rows at a time so that no [N, V] matrix exists. */
import {
	exp,
	expandDims,
	logSumExp,
	matMul,
	mul,
	neg,
	slice,
	sub,
	sum,
	tidy,
	zeros,
	type Tensor1D,
	type Tensor2D,
} from '@tensorflow/tfjs-core';
import { floatView, intView, rowsOf } from '../../host/memory.ts';
import { axis } from '../../op.ts';
import { transposedOf, type Weight } from '../../weight.ts';

/** Maximum logits in memory: 16 MB. */
const CHUNK_LOGITS = 4 * 2 ** 20;

interface Chunk {
	start: number;
	size: number;
	logits: Tensor2D;
}

/** Calls `visit` with the logits of a few rows at a time, each call in its own tidy. */
function eachChunk(h: Tensor2D, head: Weight, rows: Tensor1D, visit: (chunk: Chunk) => void): void {
	const N = axis(rows, 0);
	const most = Math.max(1, Math.floor(CHUNK_LOGITS / axis(head.data, 0)));
	const transposed = transposedOf(head);
	for (let start = 0; start < N; start += most) {
		const size = Math.min(most, N - start);
		tidy(() => {
			const some = rowsOf(h, intView(rows).subarray(start, start + size));
			visit({ start, size, logits: matMul(some, transposed) });
		});
	}
}

/** @returns logps, lse, entropy */
export function targetLogpsStock(h: Tensor2D, head: Weight, rows: Tensor1D, targets: Tensor1D): Tensor1D[] {
	const N = axis(rows, 0);
	const V = axis(head.data, 0);
	const [logps, lse, entropy]: [Tensor1D, Tensor1D, Tensor1D] = [zeros([N]), zeros([N]), zeros([N])];
	eachChunk(h, head, rows, ({ start, size, logits }) => {
		const chunkLse: Tensor1D = logSumExp(logits, 1);
		const mean: Tensor1D = sum(mul(exp(sub(logits, expandDims(chunkLse, 1))), logits), 1);
		const [l, m, z] = [floatView(chunkLse), floatView(mean), floatView(logits)];
		const wanted = intView(targets);
		const [logpsOut, lseOut, entropyOut] = [floatView(logps), floatView(lse), floatView(entropy)];
		for (let i = 0; i < size; i++) {
			const target = wanted[start + i] ?? -1;
			if (target < 0) continue;
			lseOut[start + i] = l[i] ?? 0;
			logpsOut[start + i] = (z[i * V + target] ?? 0) - (l[i] ?? 0);
			entropyOut[start + i] = (l[i] ?? 0) - (m[i] ?? 0);
		}
	});
	return [logps, lse, entropy];
}

export interface TargetGradInputs {
	dlogps: Tensor1D;
	h: Tensor2D;
	rows: Tensor1D;
	targets: Tensor1D;
	lse: Tensor1D;
}

export function targetLogpsGradStock(inputs: TargetGradInputs, head: Weight): Tensor2D {
	const { dlogps, h, rows, targets, lse } = inputs;
	const V = axis(head.data, 0);
	const C = axis(h, 1);
	const dh: Tensor2D = zeros(h.shape);
	eachChunk(h, head, rows, ({ start, size, logits }) => {
		const some: Tensor2D = expandDims(slice(lse, [start], [size]), 1);
		const weights: Tensor2D = expandDims(slice(dlogps, [start], [size]), 1);
		const dlogits: Tensor2D = neg(mul(exp(sub(logits, some)), weights));
		const [d, scale] = [floatView(dlogits), floatView(weights)];
		const wanted = intView(targets).subarray(start, start + size);
		wanted.forEach((target, i) => {
			if (target < 0) d.fill(0, i * V, (i + 1) * V);
			else d[i * V + target] = (d[i * V + target] ?? 0) + (scale[i] ?? 0);
		});
		const dRows = matMul(dlogits, head.data);
		const [from, into] = [floatView(dRows), floatView(dh)];
		intView(rows)
			.subarray(start, start + size)
			.forEach((row, i) => {
				for (let c = 0; c < C; c++) into[row * C + c] = (into[row * C + c] ?? 0) + (from[i * C + c] ?? 0);
			});
	});
	return dh;
}
