/** Tick labels of an axis. */
import { fixed } from '../format.ts';

/** Numbers with more decimals than this are unreadable beside an axis. */
const MOST_DECIMALS = 6;

/** As many decimals as the distance of two ticks needs (0.25: two); powers of ten for very small numbers. */
export function tickLabels(splits: readonly number[]): string[] {
	const gap = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0));
	const largest = Math.max(...splits.map(Math.abs));
	if (largest > 0 && largest < 0.01)
		return splits.map((value) => (value === 0 ? '0' : value.toExponential(0).replaceAll('-', '−')));
	// A single tick, or whole steps between small numbers, has the decimals of the values beside the lines.
	const least = Number(gap < 10 && largest < 10);
	const decimals = gap === 0 ? least : Math.max(least, decimalsOf(gap));
	return splits.map((value) => fixed(value, decimals));
}

function decimalsOf(gap: number): number {
	for (let decimals = 0; decimals < MOST_DECIMALS; decimals++) {
		const scaled = gap * 10 ** decimals;
		if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
	}
	return MOST_DECIMALS;
}

/**
 * The ticks that have room for a label, at equal distances from zero or from the first one.
 *
 * @param room length of the axis from the first tick to the last, in widths of a label
 */
export function labelledTicks(ticks: readonly number[], room: number): readonly number[] {
	const every = Math.min(ticks.length, Math.ceil((ticks.length - 1) / room));
	const from = Math.max(0, ticks.indexOf(0));
	return ticks.filter((_, i) => (i - from) % every === 0);
}
