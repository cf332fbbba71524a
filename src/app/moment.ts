/** A moment of the open run: view, step and pair, as an address names them. */
import type { Address, Place, View } from './address.ts';
import type { TrackedPair } from './compare/trackedPair.svelte.ts';
import type { Run } from './run/run.svelte.ts';

export interface Moment extends Pick<Address, 'step' | 'pair'> {
	view: Exclude<Address['view'], 'grids' | 'compare'>;
}

/** The part of the session that shows moments. */
export interface MomentStage {
	readonly fresh: boolean;
	readonly place: Place;
	readonly run: Run;
	readonly tracked: TrackedPair;
	show: (view: View) => void;
	change: () => void;
	followWork: () => void;
	openShelf: () => void;
}

export function showMoment(stage: MomentStage, { view, step, pair }: Moment): void {
	showView(stage, view);
	if (stage.place !== 'loop' || stage.fresh) return;
	const { run, tracked } = stage;
	// A step or pair that the run does not have stays as it is.
	if (step !== run.cursor.pinned) run.cursor.seek(step);
	if (pair === null) {
		if (tracked.pickedPair !== null) tracked.follow(null);
	} else if (pair !== tracked.pairId && run.steps.pair.pairs.some(({ id }) => id === pair))
		tracked.follow(pair);
}

function showView(stage: MomentStage, view: Moment['view']): void {
	if (view === 'shelf') stage.openShelf();
	else if (view === 'recipe' && !stage.fresh) stage.change();
	else if (view === null || view === 'recipe' || stage.fresh) stage.followWork();
	else stage.show(view);
}
