/**
 * Means over seeds and prompts with their bootstrap resamples. Seeds and prompts are both drawn with replacement: another grid
 * would have other seeds and other held-out prompts. Equal seeds and prompts give equal draws, so that the resamples of two cells
 * are paired, and their difference needs no bootstrap of its own.
 */
import { mean, quantile } from '../evaluation/intervals.ts';
import { at } from '../math/at.ts';
import { rng } from '../math/rng.ts';

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
	const resamples = sharesPrompts(scores) ? crossedMeans(values, count) : nestedMeans(values, count);
	return { mean: mean(values.map(mean)), resamples };
}

function sharesPrompts({ prompts }: SeedScores): boolean {
	const [first = [], ...others] = prompts;
	return others.every((list) => list.length === first.length && list.every((id, i) => id === first[i]));
}

/** All seeds have the same prompts: the drawn prompts are the same in every seed. */
function crossedMeans(values: readonly (readonly number[])[], count: number): Float64Array {
	const [seeds, prompts] = [values.length, values[0]?.length ?? 0];
	const drawn = drawsOf(seeds, prompts, count);
	const rows = values.map((row) => Float64Array.from(row));
	const resamples = new Float64Array(count);
	const known = new Float64Array(seeds);
	for (let b = 0; b < count; b++) {
		known.fill(Number.NaN);
		const picked = drawn.prompts.subarray(b * prompts, (b + 1) * prompts);
		let sum = 0;
		for (const seed of drawn.seeds.subarray(b * seeds, (b + 1) * seeds)) {
			if (Number.isNaN(known[seed])) known[seed] = meanOfPicked(at(rows, seed), picked);
			sum += known[seed] ?? 0;
		}
		resamples[b] = sum / seeds;
	}
	return resamples;
}

function meanOfPicked(row: Float64Array, picked: Uint32Array): number {
	let sum = 0;
	for (const index of picked) sum += row[index] ?? 0;
	return sum / picked.length;
}

interface Draws {
	/** By resample and seed. */
	readonly seeds: Uint32Array;
	/** By resample and prompt. */
	readonly prompts: Uint32Array;
}

/** The draws of the latest shapes: all cells of a grid have one or two, and drawing takes most of the time. */
const drawsByShape = new Map<string, Draws>();
const MOST_SHAPES = 4;

function drawsOf(seeds: number, prompts: number, count: number): Draws {
	const shape = `${seeds} ${prompts} ${count}`;
	const known = drawsByShape.get(shape);
	if (known !== undefined) return known;
	const source = rng(DRAW_SEED).fork('grid');
	const made = { seeds: new Uint32Array(count * seeds), prompts: new Uint32Array(count * prompts) };
	for (let b = 0; b < count; b++) {
		for (let i = 0; i < seeds; i++) made.seeds[b * seeds + i] = source.int(seeds);
		for (let i = 0; i < prompts; i++) made.prompts[b * prompts + i] = source.int(prompts);
	}
	const [oldest] = drawsByShape.keys();
	if (drawsByShape.size === MOST_SHAPES && oldest !== undefined) drawsByShape.delete(oldest);
	drawsByShape.set(shape, made);
	return made;
}

/** Each seed has prompts of its own, drawn within the drawn seed. */
function nestedMeans(values: readonly (readonly number[])[], count: number): Float64Array {
	const source = rng(DRAW_SEED).fork('grid');
	return Float64Array.from({ length: count }, () =>
		mean(
			values.map(() => {
				const seed = at(values, source.int(values.length));
				return mean(seed.map(() => at(seed, source.int(seed.length))));
			}),
		),
	);
}

/** The percentile interval (95%) of resampled means. */
export function intervalOf(resamples: Float64Array): { low: number; high: number } {
	const sorted = resamples.toSorted();
	return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** Standard deviation of resampled means: the bootstrap's standard error. */
export function standardError(resamples: Float64Array): number {
	const centre = mean([...resamples]);
	return Math.sqrt(resamples.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (resamples.length - 1));
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

/** The seeds and prompts that all have, in the order of the first. */
export function commonOfAll(all: readonly SeedScores[]): readonly SeedScores[] {
	const [first, ...others] = all;
	if (first === undefined) return [];
	const rows = others.reduce(
		(shared, other) => (haveSameRows(shared, other) ? shared : common(shared, other).a),
		first,
	);
	return [rows, ...others.map((other) => (haveSameRows(rows, other) ? other : common(rows, other).b))];
}

/** Mean of several scores on the seeds and prompts that all have. */
export function averaged(all: readonly SeedScores[]): SeedScores {
	const [first = { seeds: [], prompts: [], values: [] }, ...others] = commonOfAll(all);
	if (others.length === 0) return first;
	const values = first.values.map((row, seed) =>
		row.map((value, prompt) => mean([value, ...others.map((other) => at(at(other.values, seed), prompt))])),
	);
	return { ...first, values };
}

/** True if both have the same seeds and prompts in the same order. */
export function haveSameRows(a: SeedScores, b: SeedScores): boolean {
	const isSame = <T>(one: readonly T[], other: readonly T[]): boolean =>
		one === other || (one.length === other.length && one.every((value, i) => value === other[i]));
	return isSame(a.seeds, b.seeds) && a.prompts.every((list, i) => isSame(list, b.prompts[i] ?? []));
}
