/** RMSNorm composed of tfjs ops. */
import {
	add,
	div,
	mean,
	mul,
	rsqrt,
	square,
	sub,
	sum,
	type Tensor1D,
	type Tensor2D,
} from '@tensorflow/tfjs-core';

export function rmsNormStock(x: Tensor2D, w: Tensor1D, eps: number): Tensor2D {
	return mul(mul(x, inverseRms(x, eps)), w);
}

export function rmsNormGradStock(
	dy: Tensor2D,
	x: Tensor2D,
	w: Tensor1D,
	eps: number,
	residual: Tensor2D | undefined,
): Tensor2D {
	const rstd = inverseRms(x, eps);
	const scaled: Tensor2D = mul(dy, w);
	const dot: Tensor2D = sum(mul(scaled, x), -1, true);
	const along: Tensor2D = mul(x, div(mul(mul(rstd, square(rstd)), dot), x.shape[1]));
	const dx: Tensor2D = sub(mul(scaled, rstd), along);
	return residual === undefined ? dx : add(dx, residual);
}

function inverseRms(x: Tensor2D, eps: number): Tensor2D {
	return rsqrt(add(mean(square(x), -1, true), eps));
}
