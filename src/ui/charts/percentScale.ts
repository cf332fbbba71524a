/** Places on an axis in a table cell. */

/** The place of a value in percent of the cell's width, with a margin at both ends, so that no cap is cut off. */
export function percentScale(low: number, high: number): (value: number) => string {
	return (value) => `${(((value - low) / (high - low)) * 0.94 + 0.03) * 100}%`;
}
