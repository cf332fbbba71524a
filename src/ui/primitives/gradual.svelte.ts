/**
 * Draws the parts of a view step by step, so that opening the view is several short tasks instead of one that
 * blocks the page.
 *
 * @param total  number of parts
 * @param atOnce number of parts drawn at first, and added in every second frame
 * @returns the number of parts to draw now, as `count`
 */
export function gradual(total: () => number, atOnce: number): { readonly count: number } {
	let count = $state(atOnce);
	$effect(() => {
		if (count >= total()) return;
		// The next frame draws the parts added last; the frame after it adds more.
		let frame = requestAnimationFrame(() => {
			frame = requestAnimationFrame(() => (count += atOnce));
		});
		return () => cancelAnimationFrame(frame);
	});
	return {
		get count() {
			return count;
		},
	};
}
