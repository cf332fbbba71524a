/**
 * 95% intervals. Means of scores use the percentile bootstrap: scores are bounded and cluster at 0 and 1,
 * where intervals from the normal or t distribution leave [0, 1]. Shares (of passed checks, of wins) use
 * Wilson's interval, which is closed-form and valid even if all or none passed. All resampling is seeded: the
 * same answers give the same interval.
 */
import { ShapeError } from '../errors.ts';
import { at } from '../math/at.ts';
import { rng } from '../math/rng.ts';
import type { Estimate } from './estimate.ts';

/** Enough for the second digit of an interval's bounds; 400 scores take about 10 ms. */
export const RESAMPLES = 2000;
const DEFAULT_SEED = 1;
/** 97.5% quantile of the standard normal. */
const Z = 1.959963984540054;

export interface BootstrapOptions {
	seed?: number;
	resamples?: number;
}

export function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Quantile of sorted values, linear between neighbours (NumPy's default). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
	const place = share * (sorted.length - 1);
	const below = Math.floor(place);
	const low = at(sorted, below);
	return low + (place - below) * (at(sorted, Math.min(below + 1, sorted.length - 1)) - low);
}

/** 2.5% and 97.5% quantiles of the means of resamples with replacement. */
function bootstrapEnds(values: readonly number[], options: BootstrapOptions): [low: number, high: number] {
	const { seed = DEFAULT_SEED, resamples = RESAMPLES } = options;
	const source = rng(seed).fork('bootstrap');
	const n = values.length;
	const means = new Float64Array(resamples);
	for (let b = 0; b < resamples; b++) {
		let sum = 0;
		for (let i = 0; i < n; i++) sum += at(values, source.int(n));
		means[b] = sum / n;
	}
	means.sort();
	return [quantile(means, 0.025), quantile(means, 0.975)];
}

/**
 * Mean of values in [low, high], with its interval. If there is only one value, the interval is the whole
 * range, because one value has no spread. If all values are equal, no resample differs either; then the
 * interval allows as large a share of unseen values at an end of the range as Wilson's interval
 * does after none of n was there.
 *
 * @throws ShapeError without values
 */
export function meanEstimate(
	values: readonly number[],
	options: BootstrapOptions & { range?: readonly [number, number] } = {},
): Estimate {
	if (values.length === 0) {
		throw new ShapeError('A mean needs at least one value.', { code: 'estimate-empty' });
	}
	const [lowest, highest] = options.range ?? [0, 1];
	const score = mean(values);
	if (values.length === 1) return { score, low: lowest, high: highest, n: 1 };
	const n = values.length;
	if (values.every((value) => value === values[0])) {
		const share = shareEstimate(0, n).high;
		return { score, low: score - share * (score - lowest), high: score + share * (highest - score), n };
	}
	const [low, high] = bootstrapEnds(values, options);
	return { score, low, high, n };
}

/**
 * Share of successes with Wilson's interval.
 *
 * @throws ShapeError if n < 1, or if there are more successes than trials
 */
export function shareEstimate(successes: number, n: number): Estimate {
	if (n < 1 || successes < 0 || successes > n) {
		throw new ShapeError(`${successes} successes of ${n} are not a share.`, {
			code: 'estimate-share',
			context: { successes, n },
		});
	}
	const score = successes / n;
	const spread = Z * Math.sqrt((score * (1 - score)) / n + (Z * Z) / (4 * n * n));
	const scale = 1 + (Z * Z) / n;
	const centre = score + (Z * Z) / (2 * n);
	return {
		score,
		low: successes === 0 ? 0 : (centre - spread) / scale,
		high: successes === n ? 1 : (centre + spread) / scale,
		n,
	};
}
