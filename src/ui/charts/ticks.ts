/** Numbers beside an axis. */

/** Beyond this many decimals numbers beside an axis are not read but counted. */
const MOST_DECIMALS = 6;

/** As many decimals as the distance between two ticks needs, 0.25 two of them; the very small by powers of ten. */
export function tickLabels(splits: readonly number[]): string[] {
	const gap = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0));
	const largest = Math.max(...splits.map(Math.abs));
	if (largest > 0 && largest < 0.01)
		return splits.map((value) => (value === 0 ? '0' : value.toExponential(0).replace('-', '−')));
	// A lone tick, or whole steps between small numbers, read like the figures beside the lines.
	const least = Number(gap < 10 && largest < 10);
	const decimals = gap === 0 ? least : Math.max(least, decimalsOf(gap));
	return splits.map((value) => value.toFixed(decimals).replace('-', '−'));
}

function decimalsOf(gap: number): number {
	for (let decimals = 0; decimals < MOST_DECIMALS; decimals++) {
		const scaled = gap * 10 ** decimals;
		if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
	}
	return MOST_DECIMALS;
}
