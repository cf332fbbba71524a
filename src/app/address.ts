/**
 * The fragment of the page's address, `#run=3f2a&view=loss&step=37&pair=w-6720ea9e.p1`: the open run, and the view, the step and the
 * pair that the user chose.
 */
import { PIPELINE, type Noun } from '#core/pipeline.ts';

/** The views of a run: the overview, and one for each step. */
export type View = 'overview' | Noun;

const VIEWS = ['recipe', 'shelf', 'overview', ...PIPELINE.map(({ id }) => id)] as const;

export interface Address {
	/** Id of the open run; null for the first page. */
	run: string | null;
	/** The chosen view; null for the view of the working step. `recipe`: "Change one thing" over the run. */
	view: View | 'recipe' | 'shelf' | null;
	/** The chosen step; null for the newest. */
	step: number | null;
	/** Id of the chosen pair; null for the first. */
	pair: string | null;
}

/** No pair's id is longer. */
const LONGEST_ID = 200;

/** Reads a fragment. Unknown fields and views, and a step or pair without a run, count as absent. */
export function readAddress(fragment: string): Address {
	const fields = new URLSearchParams(fragment.replace(/^#/, ''));
	const run = fields.get('run');
	const isOpen = run !== null && run !== '';
	return {
		run: isOpen ? run : null,
		view: VIEWS.find((view) => view === fields.get('view')) ?? null,
		step: isOpen ? stepOf(fields.get('step')) : null,
		pair: isOpen ? idOf(fields.get('pair')) : null,
	};
}

function stepOf(text: string | null): number | null {
	const step = Number(text);
	return Number.isSafeInteger(step) && step >= 0 && String(step) === text ? step : null;
}

function idOf(text: string | null): string | null {
	return text === null || text === '' || text.length > LONGEST_ID ? null : text;
}

/** The fragment with its `#`; empty for the first page. */
export function writeAddress({ run, view, step, pair }: Address): string {
	const fields = new URLSearchParams();
	if (run !== null) fields.set('run', run);
	if (view !== null) fields.set('view', view);
	if (run !== null && step !== null) fields.set('step', String(step));
	if (run !== null && pair !== null) fields.set('pair', pair);
	return fields.size === 0 ? '' : `#${fields.toString()}`;
}

/** True if two fragments name the same run and view: a move between their steps or pairs is no new entry of the history. */
export function isSamePlace(a: string, b: string): boolean {
	const [first, second] = [readAddress(a), readAddress(b)];
	return first.run === second.run && first.view === second.view;
}

/** A session, as far as the address shows it. */
interface Addressed {
	readonly place: 'loop' | 'shelf';
	readonly fresh: boolean;
	readonly editing: boolean;
	readonly run: {
		readonly id: string | null;
		readonly cursor: { readonly playing: boolean; readonly pinned: number | null };
	};
	readonly tracked: { readonly pickedPair: string | null };
}

/** The fragment that names what a session shows. @param picked the view that the user chose */
export function addressOf({ place, fresh, editing, run, tracked }: Addressed, picked: View | null): string {
	if (place === 'shelf') return writeAddress({ run: run.id, view: 'shelf', step: null, pair: null });
	return writeAddress({
		run: run.id,
		view: fresh ? null : editing ? 'recipe' : picked,
		// While it plays, the address would change many times a second.
		step: run.cursor.playing ? null : run.cursor.pinned,
		pair: tracked.pickedPair,
	});
}
