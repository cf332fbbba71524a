/** Norm, product, SwiGLU and residual in f64, composed of the parts' references. */
import { at } from '#core/math/at.ts';
import { linearReference } from '../linear/linear.reference.ts';
import { rmsNormReference } from '../rmsNorm/rmsNorm.reference.ts';
import { swigluReference } from '../swiglu/swiglu.reference.ts';

type Numbers = ArrayLike<number>;

export interface DecodeLinearReferenceOptions {
	norm?: { weight: Numbers; eps: number };
	bias?: Numbers;
	residual?: Numbers;
	swiglu?: boolean;
}

/** @returns [B, N], or [B, N/2] with SwiGLU */
export function decodeLinearReference(
	x: Numbers,
	w: Numbers,
	sizes: { T: number; K: number; N: number },
	options: DecodeLinearReferenceOptions = {},
): Float64Array {
	const { norm, bias, residual, swiglu = false } = options;
	const normed = norm === undefined ? x : rmsNormReference(x, norm.weight, norm.eps);
	const z = linearReference(normed, w, sizes, bias === undefined ? {} : { bias }).y;
	const y = swiglu ? swigluReference(z, sizes.N / 2) : z;
	return residual === undefined ? y : y.map((value, i) => value + at(residual, i));
}
