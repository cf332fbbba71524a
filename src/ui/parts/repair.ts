/** The action of a failure's main button. */
import type { FailureText } from '#app/text/failure.ts';
import type { Session } from '#app/session.svelte.ts';

/** A new key must be set before; see `ReviserConnection.setKey`. */
export function repair(session: Session, { repair: how }: FailureText): void {
	if (how === 'change-recipe') session.change();
	else if (how === 'free-space') session.openShelf();
	else void session.resume();
}
