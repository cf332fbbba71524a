/** Index of the last number that is not above a limit; −1 if all are. @param ascending in ascending order */
export function lastAtMost(ascending: readonly number[], limit: number): number {
	let low = -1;
	let high = ascending.length;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if ((ascending[middle] ?? Infinity) <= limit) low = middle;
		else high = middle;
	}
	return low;
}
