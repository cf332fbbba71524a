/** Log-probability of target tokens through the head, and its gradient, in f64. Arrays are row-major. */
import { at } from '#core/math/at.ts';

type Numbers = ArrayLike<number>;

export interface TargetLogpsReference {
	logps: Float64Array;
	lse: Float64Array;
	entropy: Float64Array;
}

export interface TargetInputs {
	/** [T, C] */
	h: Numbers;
	/** [V, C] */
	head: Numbers;
	/** [N] row of h for each target. */
	rows: Numbers;
	/** [N] in [0, V); −1 is skipped. */
	targets: Numbers;
	C: number;
}

function logitsOf({ h, head, rows, C }: TargetInputs, n: number): number[] {
	return Array.from({ length: head.length / C }, (_, v) => {
		let sum = 0;
		for (let c = 0; c < C; c++) sum += at(h, at(rows, n) * C + c) * at(head, v * C + c);
		return sum;
	});
}

function logSumExp(values: readonly number[]): number {
	const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
	return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

/**
 * logps[n] = logit[target] − lse, lse[n] = log Σ_v e^logit, entropy[n] = lse − Σ_v p·logit; all 0 if the
 * target is −1.
 */
export function targetLogpsReference(inputs: TargetInputs): TargetLogpsReference {
	const N = inputs.rows.length;
	const result = { logps: new Float64Array(N), lse: new Float64Array(N), entropy: new Float64Array(N) };
	for (let n = 0; n < N; n++) {
		const target = at(inputs.targets, n);
		if (target < 0) continue;
		const logits = logitsOf(inputs, n);
		const lse = logSumExp(logits);
		result.lse[n] = lse;
		result.logps[n] = at(logits, target) - lse;
		result.entropy[n] = lse - logits.reduce((sum, logit) => sum + Math.exp(logit - lse) * logit, 0);
	}
	return result;
}

/** dh[rows[n]] += dlogps[n] · Σ_v (1[v = target] − p_v) · head[v]. */
export function targetLogpsGradReference(dlogps: Numbers, inputs: TargetInputs): Float64Array {
	const { h, head, rows, targets, C } = inputs;
	const dh = new Float64Array(h.length);
	for (let n = 0; n < rows.length; n++) {
		const target = at(targets, n);
		if (target < 0) continue;
		const logits = logitsOf(inputs, n);
		const lse = logSumExp(logits);
		logits.forEach((logit, v) => {
			const dlogit = at(dlogps, n) * ((v === target ? 1 : 0) - Math.exp(logit - lse));
			for (let c = 0; c < C; c++) {
				const to = at(rows, n) * C + c;
				dh[to] = at(dh, to) + dlogit * at(head, v * C + c);
			}
		});
	}
	return dh;
}
