/** Which view the bench shows: the person's pick; else where something waits for a person; else what works now. */
import type { Session, View } from '#app/session.svelte.ts';

export function shownView(session: Session): View {
	if (session.pinned) return session.view;
	const { failure, player } = session.run;
	if (failure !== null) return failure.noun;
	if (player.transport === 'review') return 'revision';
	if (player.transport === 'done') return 'evaluation';
	return session.view;
}
