/** Places labels beside line ends without overlap. */

/**
 * Moves positions apart until neighbours are at least `gap` apart, within [low, high] if there is enough
 * space.
 *
 * @param wanted pixel positions, any order
 * @returns pixel positions in the order given
 */
export function pushApart(wanted: readonly number[], gap: number, low: number, high: number): number[] {
	const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
	const placed = order.map((index) => Math.min(high, Math.max(low, wanted[index] ?? 0)));
	for (let i = 1; i < placed.length; i++) {
		placed[i] = Math.max(placed[i] ?? 0, (placed[i - 1] ?? 0) + gap);
	}
	let ceiling = high;
	for (let i = placed.length - 1; i >= 0; i--) {
		placed[i] = Math.min(placed[i] ?? 0, ceiling);
		ceiling = (placed[i] ?? 0) - gap;
	}
	const result = new Array<number>(wanted.length).fill(0);
	order.forEach((index, rank) => {
		result[index] = placed[rank] ?? 0;
	});
	return result;
}
