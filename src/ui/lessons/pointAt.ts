/** Points at a region of the page by its title. */

/** How long the region stays marked, ms. */
const MARKED = 2400;

/** Scrolls to the region with this title, once the view shows it, and marks it for a moment. */
export function pointAt(title: string): void {
	requestAnimationFrame(() => {
		const heading = [...document.querySelectorAll('main :is(h2, h3)')].find(
			({ textContent }) => textContent.trim() === title,
		);
		const region = heading?.closest('section');
		if (!region) return;
		region.scrollIntoView({ block: 'nearest' });
		region.dataset['pointed'] = '';
		setTimeout(() => delete region.dataset['pointed'], MARKED);
	});
}
