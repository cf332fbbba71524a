/** The place of the page that defines grids and shows one: the draft, and the ways in and out. */
import { toWire, type WireError } from '#core/errors.ts';
import { unpackGrid } from '#core/grid/file.ts';
import type { Grid } from '#core/grid/grid.ts';
import { readGridLink } from '#core/grid/link.ts';
import { withoutField } from '#core/recipe/fields.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Place } from '../address.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import { bytesOfFile, type ChosenFile } from '../library/chosenFile.ts';
import { RECORDED_GRIDS, type RecordedGrid } from '../library/recordings.ts';
import type { DurationEstimate } from '../recipe/durationEstimate.svelte.ts';
import { GridDraft } from './gridDraft.svelte.ts';
import { gridEstimate, type GridEstimate } from './gridForecast.ts';
import type { Grids } from './grids.svelte.ts';

/** The session, as far as the place needs it. */
interface GridHost {
	place: Place;
	readonly fresh: boolean;
	readonly editing: boolean;
	readonly draft: { readonly usable: Recipe };
	readonly run: { readonly recipe: Recipe };
	readonly grids: Grids;
	readonly engines: Engines;
	readonly durations: DurationEstimate;
}

/** Where the user asked for a grid; an error is shown there. `top`: another place of the page, or its address. */
export type GridOrigin = 'top' | 'draft' | 'recorded' | 'saved';

export class GridPlace {
	readonly #host: () => GridHost;
	readonly draft: GridDraft;
	/** Why a file or a link could not be read, or null. */
	readError: WireError | null = $state.raw(null);
	/** Of the last request. */
	origin: GridOrigin = $state('saved');
	/** True while a grid is read to be opened. */
	opening: boolean = $state(false);
	/** Time and memory of the draft; null if it is no grid. */
	readonly estimate: GridEstimate | null = $derived.by(() => {
		const { plan } = this.draft.check;
		return plan === null ? null : gridEstimate(plan.runs, this.#host());
	});

	constructor(host: () => GridHost) {
		this.#host = host;
		this.draft = new GridDraft(() => recipeOf(host()));
	}

	/** Why the last request failed, or null. */
	get problem(): WireError | null {
		return this.readError ?? this.#host().grids.error;
	}

	/** The grid that a link would hold: the open one, or the draft's; null if that is none. */
	get shared(): Grid | null {
		return this.#host().grids.current?.grid ?? this.draft.check.plan?.grid ?? null;
	}

	/** Shows the grid that is open, else the draft. */
	show(): void {
		const host = this.#host();
		host.place = 'grids';
		void host.grids.refresh();
	}

	/** Shows the draft. A grid at work goes on. */
	showDraft(): void {
		this.#host().grids.close();
		this.show();
	}

	/** "Vary settings": a draft over the recipe on the page. */
	vary(): void {
		this.draft.base = null;
		this.showDraft();
	}

	/** Opens a stored grid. If it cannot be read, `problem` says why. */
	async open(id: string, origin: GridOrigin = 'top'): Promise<void> {
		this.#ask(origin);
		const { grids } = this.#host();
		const recorded = RECORDED_GRIDS.find((one) => one.id === id);
		if (grids.current?.id !== id) grids.close();
		await this.#whileOpening(() => (recorded === undefined ? grids.open(id) : grids.openRecorded(recorded)));
	}

	/** Deletes a stored grid. If that is refused, `problem` says why. @param keepsRuns true leaves its runs on the shelf */
	async remove(id: string, keepsRuns = false): Promise<void> {
		this.#ask('saved');
		await this.#host().grids.remove(id, keepsRuns);
	}

	/** Stores the draft as a grid and starts it. If it is refused, `problem` says why. */
	async start(): Promise<void> {
		this.#ask('draft');
		const { plan } = this.draft.check;
		if (plan === null) return;
		const session = await this.#host().grids.create(plan.grid);
		await session?.start();
	}

	/** Loads the grid of a file into the draft; one with results is stored and opened. If it cannot be read, `readError` says why. */
	async read(file: ChosenFile): Promise<void> {
		this.#ask('draft');
		await this.#load(async () => {
			const measured = await unpackGrid(file.name, await bytesOfFile(file));
			if (measured.outcomes.length + measured.damaged === 0) return measured.grid;
			await this.#host().grids.adopt(measured);
			return null;
		});
	}

	/** Opens a grid that comes with the page. If it cannot be read, `problem` says why. */
	async openRecorded(recorded: RecordedGrid, origin: GridOrigin = 'top'): Promise<void> {
		this.#ask(origin);
		await this.#whileOpening(() => this.#host().grids.openRecorded(recorded));
	}

	/** Shows the grid that a link's fragment holds as the draft. Nothing runs. If it cannot be read, `readError` says why. */
	async openLink(fragment: string): Promise<void> {
		this.#ask('top');
		this.showDraft();
		await this.#load(() => readGridLink(fragment));
	}

	/** The error of an earlier request says nothing about the next one. */
	#ask(origin: GridOrigin): void {
		this.origin = origin;
		this.readError = null;
		this.#host().grids.error = null;
	}

	async #whileOpening(open: () => Promise<unknown>): Promise<void> {
		this.opening = true;
		this.show();
		await open();
		this.opening = false;
	}

	async #load(read: () => Promise<Grid | null>): Promise<void> {
		try {
			const grid = await read();
			if (grid !== null) this.draft.load(grid);
		} catch (error) {
			this.readError = toWire(error);
		}
	}
}

/** Every run of a grid begins from the base model, unless the grid says otherwise. */
function recipeOf({ fresh, editing, draft, run }: GridHost): Recipe {
	return withoutField(fresh || editing ? draft.usable : run.recipe, 'begin');
}
