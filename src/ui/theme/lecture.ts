/** Lecture in the page's address: `?mode=lecture`. A link opens the page so, and a reload or a copied address keeps it. */

const NAME = 'mode';
const LECTURE = 'lecture';

/** @param search the query of an address, with or without its `?` */
export const isLecture = (search: string): boolean => new URLSearchParams(search).get(NAME) === LECTURE;

/** The query with lecture on or off; other fields stay. Empty without fields. */
export function withLecture(search: string, on: boolean): string {
	if (isLecture(search) === on) return search;
	const fields = new URLSearchParams(search);
	if (on) fields.set(NAME, LECTURE);
	else fields.delete(NAME);
	return fields.size === 0 ? '' : `?${fields.toString()}`;
}

/** The window of the page, as far as it is needed here. */
export interface QueriedPage {
	location: Pick<Location, 'pathname' | 'search' | 'hash'>;
	history: Pick<History, 'replaceState'>;
}

/** Writes lecture into the address; no new entry of the history. */
export function writeLecture({ location, history }: QueriedPage, on: boolean): void {
	const { pathname, search, hash } = location;
	const next = withLecture(search, on);
	if (next === search) return;
	try {
		history.replaceState(null, '', `${pathname}${next}${hash}`);
	} catch {
		// Browsers refuse many changes of the address within seconds. The next change writes it.
	}
}
