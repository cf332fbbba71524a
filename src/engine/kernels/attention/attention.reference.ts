/** Causal attention over packed rows with RoPE and grouped heads, and its gradient, in f64. Arrays are row-major. */
import { at } from '#core/math/at.ts';

type Numbers = ArrayLike<number>;

export interface AttentionSizes {
	heads: number;
	kvHeads: number;
	headSize: number;
	/** Factor of q·k. */
	scale: number;
}

export interface AttentionInputs {
	/** [T, (H + 2·Hkv)·D]: q heads, then k heads, then v heads. */
	qkv: Numbers;
	/** [T] */
	positions: Numbers;
	/** [T, 4]: prefixStart, prefixEnd, ownStart, queryEnd. */
	layout: Numbers;
	/** [P, D]: cosines, then sines, by position. */
	rope: Numbers;
}

export interface AttentionReference {
	o: Float64Array;
	lse: Float64Array;
	rotated: Float64Array;
}

/** Keys that row i sees: [prefixStart, prefixEnd) and [ownStart, i]. */
export function keysOf(layout: Numbers, i: number): number[] {
	const keys: number[] = [];
	for (let j = at(layout, 4 * i); j < at(layout, 4 * i + 1); j++) keys.push(j);
	for (let j = at(layout, 4 * i + 2); j <= i; j++) keys.push(j);
	return keys;
}

export function attentionReference(inputs: AttentionInputs, sizes: AttentionSizes): AttentionReference {
	const { heads: H, kvHeads, headSize: D, scale } = sizes;
	const T = inputs.positions.length;
	const W = (H + 2 * kvHeads) * D;
	const rotated = rotate(inputs.qkv, inputs, sizes, 1);
	const o = new Float64Array(T * H * D);
	const lse = new Float64Array(T * H);
	for (let i = 0; i < T; i++) {
		const keys = keysOf(inputs.layout, i);
		for (let h = 0; h < H; h++) {
			const kv = Math.floor((h * kvHeads) / H);
			const scores = keys.map((j) => scale * dot(rotated, i * W + h * D, rotated, j * W + (H + kv) * D, D));
			const largest = Math.max(...scores);
			const total = scores.reduce((sum, s) => sum + Math.exp(s - largest), 0);
			lse[i * H + h] = largest + Math.log(total);
			keys.forEach((j, index) => {
				const p = Math.exp(at(scores, index) - at(lse, i * H + h));
				for (let d = 0; d < D; d++) {
					const to = (i * H + h) * D + d;
					o[to] = at(o, to) + p * at(rotated, j * W + (H + kvHeads + kv) * D + d);
				}
			});
		}
	}
	return { o, lse, rotated };
}

/** dqkv with respect to qkv before rotation. */
export function attentionGradReference(
	dO: Numbers,
	inputs: AttentionInputs,
	sizes: AttentionSizes,
): Float64Array {
	const { heads: H, kvHeads, headSize: D, scale } = sizes;
	const T = inputs.positions.length;
	const W = (H + 2 * kvHeads) * D;
	const { o, lse, rotated } = attentionReference(inputs, sizes);
	const d = new Float64Array(T * W);
	for (let i = 0; i < T; i++) {
		for (let h = 0; h < H; h++) {
			const kv = Math.floor((h * kvHeads) / H);
			const q = i * W + h * D;
			const out = (i * H + h) * D;
			const delta = dot(dO, out, o, out, D);
			for (const j of keysOf(inputs.layout, i)) {
				const k = j * W + (H + kv) * D;
				const v = j * W + (H + kvHeads + kv) * D;
				const p = Math.exp(scale * dot(rotated, q, rotated, k, D) - at(lse, i * H + h));
				const ds = p * (dot(dO, out, rotated, v, D) - delta) * scale;
				for (let c = 0; c < D; c++) {
					d[v + c] = at(d, v + c) + p * at(dO, out + c);
					d[q + c] = at(d, q + c) + ds * at(rotated, k + c);
					d[k + c] = at(d, k + c) + ds * at(rotated, q + c);
				}
			}
		}
	}
	return rotate(d, inputs, sizes, -1);
}

/** Turns q and k of every row by its position (direction 1) or back (−1: the transpose); v is copied. */
export function rotate(
	qkv: Numbers,
	{ positions, rope }: Pick<AttentionInputs, 'positions' | 'rope'>,
	{ heads: H, kvHeads, headSize: D }: AttentionSizes,
	direction: 1 | -1,
): Float64Array {
	const W = (H + 2 * kvHeads) * D;
	const out = Float64Array.from(qkv);
	for (let t = 0; t < positions.length; t++) {
		for (let head = 0; head < H + kvHeads; head++) {
			for (let i = 0; i < D / 2; i++) {
				const cos = at(rope, at(positions, t) * D + i);
				const sin = direction * at(rope, at(positions, t) * D + D / 2 + i);
				const first = t * W + head * D + i;
				const second = first + D / 2;
				out[first] = at(qkv, first) * cos - at(qkv, second) * sin;
				out[second] = at(qkv, second) * cos + at(qkv, first) * sin;
			}
		}
	}
	return out;
}

function dot(a: Numbers, aAt: number, b: Numbers, bAt: number, D: number): number {
	let sum = 0;
	for (let c = 0; c < D; c++) sum += at(a, aAt + c) * at(b, bAt + c);
	return sum;
}
