/**
 * The fragment of the page's address, `#run=3f2a&view=loss&step=37&pair=w-6720ea9e.p1`: the open run, and the view, the step and the
 * pair that the user chose. `#view=shelf&set=9c1e` names the set of pairs that the Shelf shows, `#view=grids&grid=7c1e` a grid of
 * runs, `#run=3f2a&view=compare&with=81bd` two runs beside each other. `#open=https%3A%2F%2F…` asks to open a run file from an address.
 */
import { PIPELINE, type Noun } from '#core/pipeline.ts';

/** The views of a run: the overview, and one for each step. */
export type View = 'overview' | Noun;

/** The places of the page: the open run, the Shelf, grids, two runs beside each other. */
export type Place = 'loop' | 'shelf' | 'grids' | 'compare';

const VIEWS = ['recipe', 'shelf', 'grids', 'compare', 'overview', ...PIPELINE.map(({ id }) => id)] as const;

export interface Address {
	/** Address of a run file to open, as the link has it, unchecked; null if the link asks for none. Then `run` is null. */
	file: string | null;
	/** Id of the open run; null for the first page. With the view `compare`, the first of the two runs; null if it is not chosen. */
	run: string | null;
	/** Id of the run beside it, with the view `compare`; null if it is not chosen. */
	with: string | null;
	/** Id of the grid that is shown over the open run, whose id is then absent; null if none is. */
	grid: string | null;
	/** The chosen view; null for the view of the working step. `recipe`: "Change one thing" over the run; `grids`: a grid, or the definition of one. */
	view: View | 'recipe' | 'shelf' | 'grids' | 'compare' | null;
	/** The chosen step; null for the newest. */
	step: number | null;
	/** Id of the chosen pair; null for the first. */
	pair: string | null;
	/** Id of the set of pairs that the Shelf shows; null for its lists. */
	set: string | null;
}

/** No id of a pair or a set is longer. */
const LONGEST_ID = 200;

/** Reads a fragment. Unknown fields and views, a step or pair without a run, and a set without the Shelf, count as absent. */
export function readAddress(fragment: string): Address {
	const fields = new URLSearchParams(fragment.replace(/^#/, ''));
	const file = nonEmpty(fields.get('open'));
	const view = VIEWS.find((one) => one === fields.get('view')) ?? null;
	// `#grid=…` alone is a grid as a link.
	const grid = file === null && view === 'grids' ? nonEmpty(fields.get('grid')) : null;
	const run = file === null && grid === null ? nonEmpty(fields.get('run')) : null;
	const isCompared = file === null && view === 'compare';
	const isOpen = file !== null || (run !== null && !isCompared);
	return {
		file,
		run,
		with: isCompared ? nonEmpty(fields.get('with')) : null,
		grid,
		view,
		...(isOpen ? momentOf(fields) : NO_MOMENT),
		set: view === 'shelf' ? idOf(fields.get('set')) : null,
	};
}

const NO_MOMENT = { step: null, pair: null };

function momentOf(fields: URLSearchParams): Pick<Address, 'step' | 'pair'> {
	return { step: stepOf(fields.get('step')), pair: idOf(fields.get('pair')) };
}

const nonEmpty = (text: string | null): string | null => (text === '' ? null : text);

/** True if the fragment asks to open a run file. */
export const isRunLink = (fragment: string): boolean => readAddress(fragment).file !== null;

function stepOf(text: string | null): number | null {
	const step = Number(text);
	return Number.isSafeInteger(step) && step >= 0 && String(step) === text ? step : null;
}

function idOf(text: string | null): string | null {
	return text === null || text === '' || text.length > LONGEST_ID ? null : text;
}

/** Without a file, a grid, a set or a second run if it names none. */
export type WrittenAddress = Omit<Address, 'file' | 'grid' | 'set' | 'with'> &
	Partial<Pick<Address, 'file' | 'grid' | 'set' | 'with'>>;

/** The fragment with its `#`; empty for the first page. */
export function writeAddress({
	file = null,
	grid = null,
	run,
	view,
	step,
	pair,
	set = null,
	with: second = null,
}: WrittenAddress): string {
	const isOpen = file !== null || run !== null;
	const written = {
		...{ open: file, run, view, grid },
		...(isOpen ? { step, pair } : {}),
		...(view === 'shelf' ? { set } : {}),
		...(view === 'compare' ? { with: second } : {}),
	};
	const fields = new URLSearchParams();
	for (const [name, value] of Object.entries(written)) if (value !== null) fields.set(name, String(value));
	return fields.size === 0 ? '' : `#${fields.toString()}`;
}

/** True if two fragments name the same run or runs, grid, view and set: a move between their steps or pairs is no new entry of the history. */
export function isSamePlace(a: string, b: string): boolean {
	const [first, second] = [readAddress(a), readAddress(b)];
	return (['file', 'run', 'with', 'grid', 'view', 'set'] as const).every(
		(field) => first[field] === second[field],
	);
}

/** A session, as far as the address shows it. */
interface Addressed {
	readonly place: Place;
	readonly fresh: boolean;
	readonly editing: boolean;
	readonly grids: { readonly current: { readonly id: string } | null };
	readonly twoRuns: { readonly ids: readonly [string | null, string | null] };
	readonly run: {
		readonly id: string | null;
		readonly cursor: { readonly playing: boolean; readonly pinned: number | null };
	};
	readonly tracked: { readonly pickedPair: string | null };
	readonly imported: { readonly sets: { readonly opened: { readonly set: { readonly id: string } } | null } };
}

/** The fragment that names what a session shows. @param picked the view that the user chose */
export function addressOf(session: Addressed, picked: View | null): string {
	const { place, fresh, editing, run, tracked, imported } = session;
	if (place === 'shelf') {
		const set = imported.sets.opened?.set.id ?? null;
		return writeAddress({ run: run.id, view: 'shelf', step: null, pair: null, set });
	}
	if (place === 'grids') return addressOfGrid(session.grids.current?.id ?? null);
	if (place === 'compare') return addressOfTwo(...session.twoRuns.ids);
	return writeAddress({
		run: run.id,
		view: fresh ? null : editing ? 'recipe' : picked,
		// While it plays, the address would change many times a second.
		step: run.cursor.playing ? null : run.cursor.pinned,
		pair: tracked.pickedPair,
	});
}

/** A grid is shown over the open run, whichever that is. */
function addressOfGrid(grid: string | null): string {
	return writeAddress({ grid, run: null, view: 'grids', step: null, pair: null });
}

/** Two runs are shown over the open one, too. */
function addressOfTwo(first: string | null, second: string | null): string {
	return writeAddress({ run: first, with: second, view: 'compare', step: null, pair: null });
}
