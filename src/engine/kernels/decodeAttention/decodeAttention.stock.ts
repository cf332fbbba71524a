/** Cached attention on host backends: loops, as in attention.stock.ts. */
import { zeros, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { floatView, intView } from '../../host/memory.ts';
import { axis } from '../../op.ts';
import { rotateInPlace } from '../attention/attention.stock.ts';
import type { AttentionConfig } from '../attention/config.ts';
import type { KvCache } from './cache.ts';

/** Copies k and v of rotated rows into the cache, in place. */
export function writeCacheStock(
	rotated: Tensor2D,
	from: Record<'rows' | 'positions' | 'sequences', Tensor1D>,
	cache: KvCache,
	{ heads, kvHeads, headSize }: AttentionConfig,
): void {
	const [x, k, v] = [floatView(rotated), floatView(cache.k), floatView(cache.v)];
	const [rows, positions] = [intView(from.rows), intView(from.positions)];
	const C = kvHeads * headSize;
	const W = (heads + 2 * kvHeads) * headSize;
	intView(from.sequences).forEach((sequence, i) => {
		const slot = (sequence * cache.capacity + (positions[i] ?? 0)) * C;
		const at = (rows[i] ?? 0) * W + heads * headSize;
		k.set(x.subarray(at, at + C), slot);
		v.set(x.subarray(at + C, at + 2 * C), slot);
	});
}

export function decodeAttentionStock(
	qkv: Tensor2D,
	positions: Tensor1D,
	sequences: Tensor1D,
	cache: KvCache,
	config: AttentionConfig,
): Tensor2D {
	const { heads: H, kvHeads, headSize: D, scale } = config;
	const B = axis(qkv, 0);
	const rotated: Tensor2D = zeros(qkv.shape);
	const o: Tensor2D = zeros([B, H * D]);
	const x = floatView(rotated);
	x.set(floatView(qkv));
	rotateInPlace(x, intView(positions), floatView(config.rope), config, 1);
	const [out, k, v] = [floatView(o), floatView(cache.k), floatView(cache.v)];
	const [position, sequence] = [intView(positions), intView(sequences)];
	const C = kvHeads * D;
	for (let b = 0; b < B; b++) {
		const base = (sequence[b] ?? -1) * cache.capacity;
		if (base < 0 || (position[b] ?? 0) >= cache.capacity) continue;
		const [own, slot] = [(b * (H + 2 * kvHeads) + H) * D, (base + (position[b] ?? 0)) * C];
		k.set(x.subarray(own, own + C), slot);
		v.set(x.subarray(own + C, own + 2 * C), slot);
		const scores = new Float64Array((position[b] ?? 0) + 1);
		for (let h = 0; h < H; h++) {
			const q = b * (H + 2 * kvHeads) * D + h * D;
			const first = base * C + Math.floor((h * kvHeads) / H) * D;
			const total = softmaxScores(scores, x.subarray(q, q + D), { k, first, C, scale });
			addWeighted(out.subarray((b * H + h) * D, (b * H + h + 1) * D), scores, total, { v, first, C });
		}
	}
	return o;
}

/** exp(scale·q·kⱼ − largest) of every cached position, into `scores`. @returns their sum */
function softmaxScores(
	scores: Float64Array,
	q: Float32Array,
	{ k, first, C, scale }: { k: Float32Array; first: number; C: number; scale: number },
): number {
	let largest = -Infinity;
	for (let j = 0; j < scores.length; j++) {
		const from = first + j * C;
		let s = 0;
		for (let c = 0; c < q.length; c++) s += (q[c] ?? 0) * (k[from + c] ?? 0);
		scores[j] = s * scale;
		if (s * scale > largest) largest = s * scale;
	}
	let total = 0;
	for (let j = 0; j < scores.length; j++) {
		const e = Math.exp((scores[j] ?? 0) - largest);
		scores[j] = e;
		total += e;
	}
	return total;
}

/** out += Σⱼ scoresⱼ / total · vⱼ */
function addWeighted(
	out: Float32Array,
	scores: Float64Array,
	total: number,
	{ v, first, C }: { v: Float32Array; first: number; C: number },
): void {
	for (let j = 0; j < scores.length; j++) {
		const from = first + j * C;
		const p = (scores[j] ?? 0) / total;
		for (let c = 0; c < out.length; c++) out[c] = (out[c] ?? 0) + p * (v[from + c] ?? 0);
	}
}
