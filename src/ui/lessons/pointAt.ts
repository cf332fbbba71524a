/** Points at the region of the page that a lesson's point names. */
import { isRegionOf, type LessonPoint } from '#core/lesson/lesson.ts';

/** The views of a run that was just opened still grow: the region is looked for and scrolled to at these times, ms. */
const LOOKS = [0, 400, 1000, 2000];

/** Scrolls to the region once the view shows it, and marks it until the returned function is called. */
export function pointAt(point: LessonPoint): () => void {
	let marked: HTMLElement | null = null;
	let looks = 0;
	const look = (): void => {
		const region = regionOf(point);
		if (region === null || (region === marked && looks >= 2)) return;
		looks++;
		unmark(marked);
		region.dataset['pointed'] = '';
		marked = region;
		// Of a tall region the top is shown, from wherever the page was.
		region.scrollIntoView({ block: region.offsetHeight > innerHeight / 2 ? 'start' : 'nearest' });
	};
	const timers = LOOKS.map((delay) => setTimeout(look, delay));
	return () => {
		for (const timer of timers) clearTimeout(timer);
		unmark(marked);
	};
}

function unmark(region: HTMLElement | null): void {
	if (region !== null) delete region.dataset['pointed'];
}

function regionOf(point: LessonPoint): HTMLElement | null {
	const heading = [...document.querySelectorAll('main :is(h2, h3)')].find(({ textContent }) =>
		isRegionOf(point, textContent.trim()),
	);
	const region = heading?.closest('section') ?? null;
	const entry = point.ownEntry === true ? region?.querySelector<HTMLElement>('[aria-current="true"]') : null;
	return entry ?? region;
}
