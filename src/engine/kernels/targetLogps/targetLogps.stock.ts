/** Target log-probabilities composed of tfjs ops, a few rows at a time so that no [N, V] matrix exists. */
import {
	exp,
	expandDims,
	matMul,
	max,
	mul,
	neg,
	slice,
	sub,
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
		const largest: Tensor1D = max(logits, 1);
		const powers: Tensor2D = exp(sub(logits, expandDims(largest, 1)));
		const [tops, p, z] = [floatView(largest), floatView(powers), floatView(logits)];
		const wanted = intView(targets);
		const [logpsOut, lseOut, entropyOut] = [floatView(logps), floatView(lse), floatView(entropy)];
		for (let i = 0; i < size; i++) {
			const target = wanted[start + i] ?? -1;
			if (target < 0) continue;
			const { total, mean } = sums(p, z, i * V, (i + 1) * V);
			const l = (tops[i] ?? 0) + Math.log(total);
			lseOut[start + i] = l;
			logpsOut[start + i] = (z[i * V + target] ?? 0) - l;
			entropyOut[start + i] = l - mean;
		}
	});
	return [logps, lse, entropy];
}

/**
 * In f64: a sum in f32, one number after the other, loses the small ones behind a large one. With 49,152 tokens these are 1e-4 of
 * the probability.
 *
 * @param p e^(z − max); @param z logits
 * @returns Σ p, and Σ p·z / Σ p, over [from, to)
 */
function sums(p: Float32Array, z: Float32Array, from: number, to: number): { total: number; mean: number } {
	let [total, weighted] = [0, 0];
	for (let v = from; v < to; v++) {
		const power = p[v] ?? 0;
		total += power;
		weighted += power * (z[v] ?? 0);
	}
	return { total, mean: weighted / total };
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
