/** RMSNorm in f64, written as its formula. */
import { at } from '#core/math/at.ts';

type Numbers = ArrayLike<number>;

/** y[t,c] = x[t,c] · w[c] / √(mean_c x² + eps). */
export function rmsNormReference(x: Numbers, w: Numbers, eps: number): Float64Array {
	const C = w.length;
	const y = new Float64Array(x.length);
	for (let start = 0; start < x.length; start += C) {
		const rstd = inverseRms(x, start, C, eps);
		for (let c = 0; c < C; c++) y[start + c] = at(x, start + c) * rstd * at(w, c);
	}
	return y;
}

/** dx[t,c] = rstd·(w[c]·dy[t,c] − x[t,c]·rstd²·mean_c(w·dy·x)). */
export function rmsNormGradReference(dy: Numbers, x: Numbers, w: Numbers, eps: number): Float64Array {
	const C = w.length;
	const dx = new Float64Array(x.length);
	for (let start = 0; start < x.length; start += C) {
		const rstd = inverseRms(x, start, C, eps);
		let dot = 0;
		for (let c = 0; c < C; c++) dot += at(w, c) * at(dy, start + c) * at(x, start + c);
		for (let c = 0; c < C; c++) {
			dx[start + c] = rstd * (at(w, c) * at(dy, start + c) - (at(x, start + c) * rstd * rstd * dot) / C);
		}
	}
	return dx;
}

function inverseRms(x: Numbers, start: number, C: number, eps: number): number {
	let squares = 0;
	for (let c = 0; c < C; c++) squares += at(x, start + c) ** 2;
	return 1 / Math.sqrt(squares / C + eps);
}
