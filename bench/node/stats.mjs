// Medians, spread and paired ratios.

/** @param {readonly number[]} values @returns {number} NaN for an empty list */
export function median(values) {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = sorted.length / 2;
	const [low = NaN, high = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
	return (low + high) / 2;
}

/** @param {readonly number[]} values @returns {{ least: number, most: number }} */
export function spread(values) {
	return { least: Math.min(...values), most: Math.max(...values) };
}

/**
 * Ratio of the medians of `theirs` and `ours` over the rounds in which both were measured, so that other load
 * on the machine affects both.
 *
 * @param {readonly (number | null)[]} theirs per round
 * @param {readonly (number | null)[]} ours per round
 * @returns {number} NaN if no round has both
 */
export function pairedRatio(theirs, ours) {
	const rounds = theirs.flatMap((value, round) => {
		const other = ours[round] ?? null;
		return value === null || other === null ? [] : [{ value, other }];
	});
	return median(rounds.map(({ value }) => value)) / median(rounds.map(({ other }) => other));
}
