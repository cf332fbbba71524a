/** Logits of few rows through the head. */
import { decodeLinear, type DecodeLinearOptions } from '#engine/kernels/decodeLinear/decodeLinear.ts';
import { tableParts } from '#engine/table.ts';
import { concat, tidy, type Tensor2D } from '#engine/tensor.ts';
import type { Decoder } from './decoder.ts';

/** @param x [B, C] @param options the norm before the head, if x is not normed yet @returns [B, V] */
export function headLogits(
	{ weights }: Decoder,
	x: Tensor2D,
	options: Pick<DecodeLinearOptions, 'norm'> = {},
): Tensor2D {
	return tidy(() => {
		const parts = tableParts(weights.head).map(({ weight }) => decodeLinear(x, weight, options));
		const [first] = parts;
		return parts.length === 1 && first !== undefined ? first : concat(parts, 1);
	});
}
