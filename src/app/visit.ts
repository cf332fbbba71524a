/** Goes where the page's address leads. */
import { isGridLink } from '#core/grid/link.ts';
import { isRecipeLink } from '#core/recipe/link.ts';
import { readAddress } from './address.ts';
import type { GridPlace } from './grid/gridPlace.svelte.ts';
import type { PairSets } from './library/pairSets.svelte.ts';
import { RECORDINGS } from './library/recordings.ts';
import { showMoment } from './moment.ts';
import type { Session } from './session.svelte.ts';

/**
 * Shows what a fragment names: a run with its view, step and pair, two runs, a grid, the shelf with its set of pairs, the first page, the
 * recipe or the grid of a link, or the question of a link to a run file. The session may stay where it is, because another run is
 * active; then the shelf or the recipe says so.
 */
export async function visit(session: Session, fragment: string): Promise<void> {
	session.cancelOpening();
	if (isRecipeLink(fragment)) {
		await session.openLink(fragment);
		return;
	}
	if (isGridLink(fragment)) {
		await session.gridPlace.openLink(fragment);
		return;
	}
	const { file, run, grid, set, view, step, pair, with: second } = readAddress(fragment);
	const moment = { view: view === 'grids' || view === 'compare' ? null : view, step, pair };
	if (file !== null) {
		session.runLink.offer(file, moment);
		return;
	}
	if (view === 'grids') return showGrid(session.gridPlace, grid);
	if (view === 'compare') return session.twoRuns.show(run, second);
	if (run !== session.run.id) {
		if (run === null) session.close();
		else await open(session, run);
		if (run !== session.run.id) return;
	}
	showMoment(session, moment);
	if (moment.view === 'shelf') await showSet(session.imported.sets, set);
}

/** Shows a stored grid, or the draft of one. */
async function showGrid(place: GridPlace, id: string | null): Promise<void> {
	if (id === null) place.showDraft();
	else await place.open(id);
}

/** Shows a set of pairs on the Shelf, or its lists. If the set cannot be read, the Shelf says why. */
async function showSet(sets: PairSets, id: string | null): Promise<void> {
	if (id === null) sets.close();
	else if (id !== sets.opened?.set.id) await sets.open(id);
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
