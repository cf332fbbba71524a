/** Points at a region of the page by its title. */

/** How long the region stays marked, ms. */
const MARKED = 2400;
/** The views of a run that was just opened still grow: the region is scrolled to again after this time, ms. */
const SETTLED = 400;

/** Scrolls to the region with this title, once the view shows it, and marks it for a moment. */
export function pointAt(title: string): void {
	requestAnimationFrame(() => scrollTo(title));
	setTimeout(() => {
		const region = scrollTo(title);
		if (region === null) return;
		region.dataset['pointed'] = '';
		setTimeout(() => delete region.dataset['pointed'], MARKED);
	}, SETTLED);
}

function scrollTo(title: string): HTMLElement | null {
	const heading = [...document.querySelectorAll('main :is(h2, h3)')].find(
		({ textContent }) => textContent.trim() === title,
	);
	const region = heading?.closest('section') ?? null;
	region?.scrollIntoView({ block: 'nearest' });
	return region;
}
