/**
 * Parts of a view that come to stand one after the other, so that opening it is several short tasks and not one that holds the
 * page up.
 *
 * @param total  how many parts there are
 * @param atOnce how many stand at first, and how many each second frame adds
 * @returns how many stand now; read `count` where the parts are drawn
 */
export function gradual(total: () => number, atOnce: number): { readonly count: number } {
	let count = $state(atOnce);
	$effect(() => {
		if (count >= total()) return;
		// The next frame draws what has just come to stand; what follows comes with the one after it.
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
