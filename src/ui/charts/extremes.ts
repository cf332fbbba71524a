/**
 * The smallest and largest value of every 4, 8, 16, … neighbours of a list that grows, as indices. Adding a value costs one
 * comparison per level; reading a bucket costs nothing.
 */

/** Values of a series; null is a gap. */
export type Values = readonly (number | null)[];

/** Buckets of the first level have 2 to this power entries. */
const FIRST_LEVEL = 2;

interface Level {
	/** Index of the smallest and of the largest value of each bucket; −1 if the bucket has only gaps. */
	low: number[];
	high: number[];
}

class Extremes {
	readonly #values: Values;
	readonly #levels: Level[] = [];
	#length = 0;

	constructor(values: Values) {
		this.#values = values;
	}

	/** Takes up values that were added since the last call. */
	extend(): this {
		for (; this.#length < this.#values.length; this.#length++) this.#add(this.#length);
		return this;
	}

	/** Indices of the smallest and largest value of a bucket of 2^level entries, in the order of the list; none for gaps. */
	bucket(level: number, bucket: number): readonly number[] {
		const { low, high } = this.#levels[level - FIRST_LEVEL] ?? { low: [], high: [] };
		const [a, b] = [low[bucket] ?? -1, high[bucket] ?? -1];
		if (a < 0) return [];
		return a < b ? [a, b] : a > b ? [b, a] : [a];
	}

	#add(i: number): void {
		const levels = Math.max(1, Math.ceil(Math.log2(i + 1)) - FIRST_LEVEL + 1);
		while (this.#levels.length < levels) this.#levels.push(this.#nextLevel());
		const value = this.#values[i] ?? NaN;
		for (const [k, level] of this.#levels.entries()) {
			const bucket = i >> (k + FIRST_LEVEL);
			if (level.low.length === bucket) {
				level.low.push(-1);
				level.high.push(-1);
			}
			if (!Number.isFinite(value)) continue;
			if (!(this.#valueAt(level.low, bucket) <= value)) level.low[bucket] = i;
			if (!(this.#valueAt(level.high, bucket) >= value)) level.high[bucket] = i;
		}
	}

	/** The value of a bucket's extreme; NaN if the bucket has only gaps so far. */
	#valueAt(indices: readonly number[], bucket: number): number {
		return this.#values[indices[bucket] ?? -1] ?? NaN;
	}

	/** A level whose only bucket is the whole list so far: the two buckets of the level below. */
	#nextLevel(): Level {
		const below = this.#levels.at(-1);
		if (below === undefined) return { low: [], high: [] };
		const best = (indices: readonly number[], isBetter: (a: number, b: number) => boolean): number =>
			indices.reduce((kept, i) => {
				if (i < 0 || kept < 0) return Math.max(i, kept);
				return isBetter(this.#values[i] ?? 0, this.#values[kept] ?? 0) ? i : kept;
			}, -1);
		return below.low.length === 0
			? { low: [], high: [] }
			: { low: [best(below.low, (a, b) => a < b)], high: [best(below.high, (a, b) => a > b)] };
	}
}

const known = new WeakMap<Values, Extremes>();

/** The extremes of a list, kept for its next reading. The list may only grow. */
export function extremesOf(values: Values): Extremes {
	const extremes = known.get(values) ?? new Extremes(values);
	known.set(values, extremes);
	return extremes.extend();
}
