/** Which view is shown, and when it stays. */
import type { View } from '#app/address.ts';
import { promptIdOf } from '#core/prompt/prompt.ts';
import type { Session } from '#app/session.svelte.ts';
import type { JudgementStep } from '#app/steps/judgementStep.svelte.ts';
import type { RevisionStep } from '#app/steps/revisionStep.svelte.ts';

/** The user's pick; else the view that waits for the user; else the working step's. */
export function shownView(session: Session): View {
	if (session.pinned) return session.view;
	const { failure, player, madeElsewhere } = session.run;
	if (failure !== null) return failure.noun;
	if (player.transport === 'review') return 'revision';
	// A run that has just ended here shows its result; one that is opened later shows itself as a whole.
	if (player.transport === 'done') return madeElsewhere === null ? 'evaluation' : 'overview';
	return session.view;
}

/** The step whose rows the Revision view lists. Its `selected` is open by a click, a key, or before either by the step's own choice. */
export function listedStep({ steps }: Session): JudgementStep | RevisionStep {
	return steps.pair.method.stages.includes('judgements') ? steps.judgement : steps.revision;
}

/** Follows the prompt that the user looks at, if the shown view opened another one than the followed pair's. */
export function followShown(session: Session): void {
	const row = shownView(session) === 'revision' ? listedStep(session).selected : null;
	if (row !== null && promptIdOf(row.id) !== session.tracked.id) session.tracked.follow(row.id);
}

/** Views that show the run at the cursor's step. */
const BY_STEP: readonly View[] = ['overview', 'loss', 'adapter'];

/** True if the shown view follows the cursor and the run has steps to move through. */
export function hasScrubber(session: Session): boolean {
	return session.steps.loss.step > 0 && BY_STEP.includes(shownView(session));
}

/** The user works in the shown view: while the run is active, the next step no longer replaces it. */
export function stay(session: Session): void {
	const { run, pinned, place, editing } = session;
	if (run.player.active && !pinned && !editing && place === 'loop') session.show(shownView(session));
}

/** An attachment for the page's main part: a click in a view, or a key that moves within it, is work in it. */
export const staysInUse =
	(session: Session) =>
	(main: HTMLElement): (() => void) => {
		const onClick = (): void => stay(session);
		const onKey = ({ key }: KeyboardEvent): void => {
			if (MOVES.test(key)) stay(session);
		};
		main.addEventListener('click', onClick);
		main.addEventListener('keydown', onKey);
		return () => {
			main.removeEventListener('click', onClick);
			main.removeEventListener('keydown', onKey);
		};
	};

const MOVES = /^(Arrow|Home$|End$|Page)/;
