/** One step of cached attention in f64: one new row per sequence, against all keys of the sequence. */
import { at } from '#core/math/at.ts';
import { rotate, type AttentionSizes } from '../attention/attention.reference.ts';

type Numbers = ArrayLike<number>;

export interface DecodeInputs {
	/** [B, (H + 2·Hkv)·D], not rotated. */
	qkv: Numbers;
	/** [B] position of each row; its key is written there, and keys 0..position are visible. */
	positions: Numbers;
	/** [B] sequence in the cache that each row belongs to. */
	sequences: Numbers;
	/** [P, D] */
	rope: Numbers;
	/** [S·capacity, Hkv·D], written in place. */
	k: Float64Array;
	v: Float64Array;
	capacity: number;
}

/** @returns o [B, H·D] */
export function decodeAttentionReference(inputs: DecodeInputs, sizes: AttentionSizes): Float64Array {
	const { heads: H, kvHeads, headSize: D, scale } = sizes;
	const { positions, sequences, capacity } = inputs;
	const W = (H + 2 * kvHeads) * D;
	const rotated = rotate(inputs.qkv, inputs, sizes, 1);
	const o = new Float64Array(positions.length * H * D);
	for (let b = 0; b < positions.length; b++) {
		const base = at(sequences, b) * capacity;
		const slot = (base + at(positions, b)) * kvHeads * D;
		for (let c = 0; c < kvHeads * D; c++) {
			inputs.k[slot + c] = at(rotated, b * W + H * D + c);
			inputs.v[slot + c] = at(rotated, b * W + (H + kvHeads) * D + c);
		}
		for (let h = 0; h < H; h++) {
			const kv = Math.floor((h * kvHeads) / H);
			const keyAt = (j: number): number => ((base + j) * kvHeads + kv) * D;
			const scores = Array.from({ length: at(positions, b) + 1 }, (_, j) => {
				let sum = 0;
				for (let c = 0; c < D; c++) sum += at(rotated, b * W + h * D + c) * at(inputs.k, keyAt(j) + c);
				return scale * sum;
			});
			const largest = Math.max(...scores);
			const total = scores.reduce((sum, s) => sum + Math.exp(s - largest), 0);
			scores.forEach((s, j) => {
				for (let c = 0; c < D; c++) {
					const to = (b * H + h) * D + c;
					o[to] = at(o, to) + (Math.exp(s - largest) / total) * at(inputs.v, keyAt(j) + c);
				}
			});
		}
	}
	return o;
}
