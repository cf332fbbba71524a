/**
 * Rotary position embedding, half-split form (Llama): rotates channels i and i + D/2 of a head by the angle
 * position · f_i.
 *
 * Cosines and sines are computed once on the CPU in f64, because a GPU's own sin and cos are too coarse for
 * angles in the thousands.
 */
import { tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import { at } from '#core/math/at.ts';

/**
 * The table that attention reads, one row per position: [cos(p·f_0) … cos(p·f_{D/2−1}), sin(p·f_0) …
 * sin(p·f_{D/2−1})].
 *
 * @param inverseFrequencies [D/2] radians per position, after any scaling of the model (Llama-3)
 * @param positions          rows of the table: largest position + 1
 * @param attentionScaling   multiplies cosines and sines (1 except for YaRN-like scalings)
 * @returns                  [positions, D] f32
 */
export function ropeTable(
	inverseFrequencies: ArrayLike<number>,
	positions: number,
	attentionScaling = 1,
): Tensor2D {
	const half = inverseFrequencies.length;
	const table = new Float32Array(positions * 2 * half);
	for (let p = 0; p < positions; p++) {
		for (let i = 0; i < half; i++) {
			const angle = p * at(inverseFrequencies, i);
			table[p * 2 * half + i] = attentionScaling * Math.cos(angle);
			table[p * 2 * half + half + i] = attentionScaling * Math.sin(angle);
		}
	}
	return tensor2d(table, [positions, 2 * half]);
}
