/** Keeps the address of the page and the session the same, so that a reload, a bookmark, Back and Forward show the open run again. */
import { isRunLink, isSamePlace } from '#app/address.ts';
import type { Session } from '#app/session.svelte.ts';
import { visit } from '#app/visit.ts';
import { isGridLink } from '#core/grid/link.ts';
import { isRecipeLink } from '#core/recipe/link.ts';

/** The window of the page, as far as it is needed here. */
export interface AddressedPage {
	location: Pick<Location, 'pathname' | 'search' | 'hash'>;
	history: Pick<History, 'pushState' | 'replaceState'>;
	addEventListener: (type: 'hashchange', listener: () => void) => void;
	removeEventListener: (type: 'hashchange', listener: () => void) => void;
}

const isLink = (hash: string): boolean => isRecipeLink(hash) || isGridLink(hash) || isRunLink(hash);

/** @returns the function that ends it */
export function keepAddress(session: Session, page: AddressedPage): () => void {
	/** Visits under way. Meanwhile the session does not yet show what the address names. */
	let visits = 0;

	function write(how: 'pushState' | 'replaceState', address: string): void {
		const { pathname, search, hash } = page.location;
		// The address of a link stays until something else is shown.
		if (address === hash || (address === '' && isLink(hash))) return;
		try {
			page.history[how](null, '', `${pathname}${search}${address}`);
		} catch {
			// Browsers refuse many changes of the address within seconds. The next change writes it.
		}
	}
	async function follow(): Promise<void> {
		visits++;
		try {
			await visit(session, page.location.hash);
		} finally {
			visits--;
		}
		// The session may have stayed where it was.
		if (visits === 0 && !isLink(page.location.hash)) write('replaceState', session.address);
	}
	const onHashChange = (): void => void follow();

	/** Until then the draft is not the one from before the reload. */
	let isRestored = false;
	async function start(): Promise<void> {
		await follow();
		// A damaged link leaves the user's own recipe.
		if (session.link.recipe === null) session.restoreDraft();
		isRestored = true;
	}

	void start();
	page.addEventListener('hashchange', onHashChange);
	const end = $effect.root(() => {
		$effect(() => {
			const { address } = session;
			if (visits === 0)
				write(isSamePlace(address, page.location.hash) ? 'replaceState' : 'pushState', address);
		});
		$effect(() => {
			const { recipe } = session.draft;
			if (isRestored) session.rememberDraft(recipe);
		});
	});
	return () => {
		end();
		page.removeEventListener('hashchange', onHashChange);
	};
}
