/** The frozen linear layer with LoRA, and its gradients, in f64. Arrays are row-major. */
import { at } from '#core/math/at.ts';

type Numbers = ArrayLike<number>;

/** A [blocks·rank, K] and B [N', rank] as plain arrays; blocks as in LoraSlot. */
export interface LoraReference {
	a: Numbers;
	b: Numbers;
	rank: number;
	scaling: number;
	blocks: readonly { rowStart: number; rowEnd: number; aRow: number }[];
}

export interface LinearReference {
	y: Float64Array;
	/** scaling · x·Aᵀ, [T, blocks·rank] */
	xa: Float64Array;
}

/** y = x·Wᵀ + bias + residual, and scaling·(x·A_bᵀ)·B_bᵀ on the rows of each block b. */
export function linearReference(
	x: Numbers,
	w: Numbers,
	sizes: { T: number; K: number; N: number },
	options: { bias?: Numbers; residual?: Numbers; lora?: LoraReference } = {},
): LinearReference {
	const { T, K, N } = sizes;
	const { bias, residual, lora } = options;
	const y = new Float64Array(T * N);
	const xa = lora === undefined ? new Float64Array(0) : downReference(x, lora, T, K);
	for (let t = 0; t < T; t++) {
		for (let n = 0; n < N; n++) {
			let sum = dotRows(x, t, w, n, K);
			if (bias !== undefined) sum += at(bias, n);
			if (residual !== undefined) sum += at(residual, t * N + n);
			if (lora !== undefined) sum += upSum(lora, xa, t, n);
			y[t * N + n] = sum;
		}
	}
	return { y, xa };
}

/** scaling·x·Aᵀ [T, blocks·rank]. */
function downReference(x: Numbers, lora: LoraReference, T: number, K: number): Float64Array {
	const R = lora.blocks.length * lora.rank;
	return Float64Array.from(
		{ length: T * R },
		(_, i) => lora.scaling * dotRows(x, Math.floor(i / R), lora.a, i % R, K),
	);
}

export interface LinearGradReference {
	dx: Float64Array;
	dA: Float64Array;
	dB: Float64Array;
}

/**
 * dx = dy·W + dxa·A,  dxa = scaling·dy_b·B_b,  dA = dxaᵀ·x,  dB_b = dy_bᵀ·xa_b (xa carries the scaling).
 */
export function linearGradReference(
	dy: Numbers,
	x: Numbers,
	w: Numbers,
	sizes: { T: number; K: number; N: number },
	lora?: LoraReference,
): LinearGradReference {
	const { T, K, N } = sizes;
	const dx = new Float64Array(T * K);
	for (let t = 0; t < T; t++) {
		for (let n = 0; n < N; n++) {
			for (let k = 0; k < K; k++) dx[t * K + k] = at(dx, t * K + k) + at(dy, t * N + n) * at(w, n * K + k);
		}
	}
	if (lora === undefined) return { dx, dA: new Float64Array(0), dB: new Float64Array(0) };
	const { a, b, rank, scaling, blocks } = lora;
	const dA = new Float64Array(a.length);
	const dB = new Float64Array(b.length);
	let bRow = 0;
	for (const { rowStart, rowEnd, aRow } of blocks) {
		for (let t = 0; t < T; t++) {
			for (let r = 0; r < rank; r++) {
				const xa = scaling * dotRows(x, t, a, aRow + r, K);
				let dxa = 0;
				for (let n = rowStart; n < rowEnd; n++) {
					const bAt = (bRow + n - rowStart) * rank + r;
					dB[bAt] = at(dB, bAt) + at(dy, t * N + n) * xa;
					dxa += scaling * at(dy, t * N + n) * at(b, bAt);
				}
				for (let k = 0; k < K; k++) {
					dA[(aRow + r) * K + k] = at(dA, (aRow + r) * K + k) + dxa * at(x, t * K + k);
					dx[t * K + k] = at(dx, t * K + k) + dxa * at(a, (aRow + r) * K + k);
				}
			}
		}
		bRow += rowEnd - rowStart;
	}
	return { dx, dA, dB };
}

function dotRows(p: Numbers, i: number, q: Numbers, j: number, K: number): number {
	let sum = 0;
	for (let k = 0; k < K; k++) sum += at(p, i * K + k) * at(q, j * K + k);
	return sum;
}

/** (xa_b · B_bᵀ)[t, n] of the block that holds row n, 0 outside every block. */
function upSum(lora: LoraReference, xa: Numbers, t: number, n: number): number {
	const R = lora.blocks.length * lora.rank;
	let bRow = 0;
	for (const { rowStart, rowEnd, aRow } of lora.blocks) {
		if (n >= rowStart && n < rowEnd) {
			let sum = 0;
			for (let r = 0; r < lora.rank; r++) {
				sum += at(xa, t * R + aRow + r) * at(lora.b, (bRow + n - rowStart) * lora.rank + r);
			}
			return sum;
		}
		bRow += rowEnd - rowStart;
	}
	return 0;
}
