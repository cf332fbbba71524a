/**
 * Saves a run that works when its page is left or hidden. The browser may end the page before the write is done, so the run is also
 * saved while it works.
 */
import type { Session } from '#app/session.svelte.ts';

/**
 * @param page     the window
 * @param document the window's document
 */
export function keepWork(
	session: { readonly run: Pick<Session['run'], 'player' | 'winRate' | 'save'> },
	page: Pick<EventTarget, 'addEventListener'>,
	document: Pick<EventTarget, 'addEventListener'> & { readonly hidden: boolean },
): void {
	const save = (): void => {
		const { run } = session;
		if (run.player.active || run.winRate.running) void run.save();
	};
	page.addEventListener('pagehide', save);
	// A phone may end a hidden page without another event.
	document.addEventListener('visibilitychange', () => {
		if (document.hidden) save();
	});
}
