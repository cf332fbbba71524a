/**
 * Means over seeds and prompts with their bootstrap resamples. Seeds and prompts are both drawn with replacement: another grid
 * would have other seeds and other held-out prompts. Equal seeds and prompts give equal draws, so that the resamples of two cells
 * are paired, and their difference needs no bootstrap of its own.
 */
import { quantile } from '../evaluation/intervals.ts';
import { at } from '../math/at.ts';
import { rng, type Rng } from '../math/rng.ts';

/** Enough for the second digit of an interval's bounds and of a standard error. */
const GRID_RESAMPLES = 4000;
const DRAW_SEED = 1;

/** One number per seed and prompt. */
export interface SeedScores {
	readonly seeds: readonly number[];
	/** By seed; equal lists if the seeds share their held-out prompts. */
	readonly prompts: readonly (readonly string[])[];
	/** By seed and prompt. */
	readonly values: readonly (readonly number[])[];
}

/** A mean and the means of its resamples. */
export interface Resampled {
	readonly mean: number;
	readonly resamples: Float64Array;
}

/** Mean over seeds of the means over prompts. Without values it is NaN. */
export function resampled(scores: SeedScores, count = GRID_RESAMPLES): Resampled {
	const { values } = scores;
	const source = rng(DRAW_SEED).fork('grid');
	const draw = sharesPrompts(scores) ? crossedMean : nestedMean;
	const resamples = new Float64Array(count);
	for (let b = 0; b < count; b++) resamples[b] = draw(values, source);
	return { mean: meanOf(values.map(meanOf)), resamples };
}

function sharesPrompts({ prompts }: SeedScores): boolean {
	const [first = [], ...others] = prompts;
	return others.every((list) => list.length === first.length && list.every((id, i) => id === first[i]));
}

/** All seeds have the same prompts: the drawn prompts are the same in every seed. */
function crossedMean(values: readonly (readonly number[])[], source: Rng): number {
	const count = values[0]?.length ?? 0;
	const seeds = values.map(() => at(values, source.int(values.length)));
	const prompts = Array.from({ length: count }, () => source.int(count));
	return meanOf(seeds.map((seed) => prompts.reduce((sum, prompt) => sum + at(seed, prompt), 0) / count));
}

/** Each seed has prompts of its own, drawn within the drawn seed. */
function nestedMean(values: readonly (readonly number[])[], source: Rng): number {
	const means = values.map(() => {
		const seed = at(values, source.int(values.length));
		return meanOf(seed.map(() => at(seed, source.int(seed.length))));
	});
	return meanOf(means);
}

function meanOf(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The percentile interval (95%) of resampled means. */
export function intervalOf(resamples: Float64Array): { low: number; high: number } {
	const sorted = resamples.toSorted();
	return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** Standard deviation of resampled means: the bootstrap's standard error. */
export function standardError(resamples: Float64Array): number {
	const mean = meanOf([...resamples]);
	return Math.sqrt(resamples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (resamples.length - 1));
}

/** The seeds and prompts that both have, in the order of `a`. */
export function common(a: SeedScores, b: SeedScores): { a: SeedScores; b: SeedScores } {
	const seeds = a.seeds.filter((seed) => b.seeds.includes(seed));
	const rows = seeds.map((seed) => {
		const [i, j] = [a.seeds.indexOf(seed), b.seeds.indexOf(seed)];
		const other = new Map(at(b.prompts, j).map((prompt, place) => [prompt, at(at(b.values, j), place)]));
		const kept = at(a.prompts, i).flatMap((prompt, place) => {
			const value = other.get(prompt);
			return value === undefined ? [] : [{ prompt, a: at(at(a.values, i), place), b: value }];
		});
		return kept;
	});
	const prompts = rows.map((row) => row.map(({ prompt }) => prompt));
	const side = (name: 'a' | 'b'): SeedScores => ({
		seeds,
		prompts,
		values: rows.map((row) => row.map((one) => one[name])),
	});
	return { a: side('a'), b: side('b') };
}
