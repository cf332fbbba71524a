/** Linear scales of figures, with round ticks at both ends. */

export interface LinearScale {
	readonly ticks: readonly number[];
	/** Place of a value. */
	readonly at: (value: number) => number;
}

/** @param from and `to` are the places of the first and the last tick */
export function linearScale(values: readonly number[], from: number, to: number): LinearScale {
	const ticks = roundTicks(values);
	const [first = 0, last = 1] = [ticks[0], ticks.at(-1)];
	return { ticks, at: (value) => from + ((value - first) / (last - first)) * (to - from) };
}

/** Two to seven round values that contain all the given ones, at 1, 2 or 5 times a power of ten. */
export function roundTicks(values: readonly number[]): number[] {
	const finite = values.filter(Number.isFinite);
	const low = finite.reduce((least, value) => Math.min(least, value), Infinity);
	const high = finite.reduce((most, value) => Math.max(most, value), -Infinity);
	if (finite.length === 0) return [0, 1];
	const span = high > low ? high - low : Math.max(1, Math.abs(high));
	const rough = 10 ** Math.floor(Math.log10(span / 4));
	const step = [1, 2, 5, 10].map((factor) => factor * rough).find((size) => span / size <= 5) ?? rough * 10;
	const first = Math.floor(low / step);
	const last = Math.max(first + 1, Math.ceil(high / step));
	return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}
