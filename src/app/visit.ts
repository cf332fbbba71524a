/** Goes where the page's address leads. */
import { isRecipeLink } from '#core/recipe/link.ts';
import { readAddress, type Address } from './address.ts';
import { RECORDINGS } from './library/recordings.ts';
import type { Session } from './session.svelte.ts';

/**
 * Shows what a fragment names: a run with its view, step and pair, the shelf, the first page or the recipe of a link. The session may stay where it
 * is, because another run is active; then the shelf or the recipe says so.
 */
export async function visit(session: Session, fragment: string): Promise<void> {
	session.cancelOpening();
	if (isRecipeLink(fragment)) {
		await session.openLink(fragment);
		return;
	}
	const { run, view, step, pair } = readAddress(fragment);
	if (run !== session.run.id) {
		if (run === null) session.close();
		else await open(session, run);
		if (run !== session.run.id) return;
	}
	show(session, view);
	if (session.place === 'loop' && !session.fresh) showMoment(session, step, pair);
}

/** Shows a step and a pair of the open run; those that it does not have stay as they are. */
function showMoment({ run, tracked, steps }: Session, step: number | null, pair: string | null): void {
	if (step !== run.cursor.pinned) run.cursor.seek(step);
	if (pair === null) {
		if (tracked.pickedPair !== null) tracked.follow(null);
	} else if (pair !== tracked.pairId && steps.pair.pairs.some(({ id }) => id === pair)) tracked.follow(pair);
}

async function open(session: Session, run: string): Promise<void> {
	const before = session.run;
	session.opening = true;
	try {
		const recording = RECORDINGS.find(({ id }) => id === run);
		if (recording === undefined) await session.open(run);
		else await session.openRecorded(recording);
	} finally {
		session.opening = false;
	}
	// The shelf shows why the run was not opened. If the user opened another one meanwhile, the page shows that one.
	if (session.run === before) session.place = 'shelf';
}

function show(session: Session, view: Address['view']): void {
	if (view === 'shelf') session.openShelf();
	else if (view === 'recipe' && !session.fresh) session.change();
	else if (view === null || view === 'recipe' || session.fresh) session.followWork();
	else session.show(view);
}
