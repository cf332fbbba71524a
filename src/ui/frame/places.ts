/** The places of the page. */
import type { Session } from '#app/session.svelte.ts';

export const PLACES = [
	{ id: 'loop', label: 'Loop' },
	{ id: 'grids', label: 'Grids' },
	{ id: 'shelf', label: 'Shelf' },
] as const;

export function goTo(session: Session, place: (typeof PLACES)[number]['id']): void {
	if (place === 'shelf') session.openShelf();
	else if (place === 'grids') session.gridPlace.show();
	else session.place = place;
}
