/** A report about a failure to send: facts of the run and the error, never a key, a prompt or an answer. */
import type { FailureText } from '#app/text/failure.ts';
import type { Session } from '#app/session.svelte.ts';
import { withoutSecrets } from '#core/recipe/link.ts';

export function report(account: FailureText, session: Session): string {
	const { error } = account;
	const facts = {
		label: account.label,
		phase: account.phase,
		error: {
			kind: error.kind,
			code: error.code,
			message: error.message,
			hint: error.hint,
			context: error.context,
			stack: error.stack,
		},
		recipe: withoutSecrets(session.recipe),
		device: session.engines.device,
		step: session.steps.loss.step,
		browser: navigator.userAgent,
	};
	return JSON.stringify(facts, null, '\t');
}
