/** The view to show: the user's pick; else the view that waits for the user; else the working step's. */
import type { Session, View } from '#app/session.svelte.ts';

export function shownView(session: Session): View {
	if (session.pinned) return session.view;
	const { failure, player } = session.run;
	if (failure !== null) return failure.noun;
	if (player.transport === 'review') return 'revision';
	if (player.transport === 'done') return 'evaluation';
	return session.view;
}
