/** The place of the page that defines grids and shows one: the draft, and the ways in and out. */
import { asAppError, toWire, type WireError } from '#core/errors.ts';
import { readGridFile } from '#core/grid/file.ts';
import { withoutField } from '#core/recipe/fields.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { bytesOfFile, type ChosenFile } from '../library/chosenFile.ts';
import type { Place } from '../session.svelte.ts';
import { GridDraft } from './gridDraft.svelte.ts';
import type { GridEstimate } from './gridForecast.ts';
import type { Grids } from './grids.svelte.ts';

/** The session, as far as the place needs it. */
interface GridHost {
	place: Place;
	readonly fresh: boolean;
	readonly editing: boolean;
	readonly draft: { readonly usable: Recipe };
	readonly run: { readonly recipe: Recipe };
	readonly grids: Grids;
}

export class GridPlace {
	readonly #host: () => GridHost;
	readonly draft: GridDraft;
	/** Why a file could not be read, or null. */
	fileError: WireError | null = $state.raw(null);
	/** Time and memory of the draft; null if it is no grid. */
	readonly estimate: GridEstimate | null = $derived.by(() => {
		const { plan } = this.draft.check;
		return plan === null ? null : this.#host().grids.estimate(plan.runs);
	});

	constructor(host: () => GridHost) {
		this.#host = host;
		this.draft = new GridDraft(() => recipeOf(host()));
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

	/** Opens a stored grid. If it cannot be read, the list of grids says why. */
	async open(id: string): Promise<void> {
		const { grids } = this.#host();
		if (grids.current?.id !== id) grids.close();
		this.show();
		await grids.open(id);
	}

	/** Stores the draft as a grid and starts it. If it is refused, `grids.error` says why. */
	async start(): Promise<void> {
		const { plan } = this.draft.check;
		if (plan === null) return;
		const session = await this.#host().grids.create(plan.grid);
		await session?.start();
	}

	/** Loads the grid of a file into the draft. If it cannot be read, `fileError` says why. */
	async read(file: ChosenFile): Promise<void> {
		try {
			this.fileError = null;
			this.draft.load(readGridFile(file.name, await bytesOfFile(file)));
		} catch (error) {
			this.fileError = toWire(asAppError(error));
		}
	}
}

/** Every run of a grid begins from the base model, unless the grid says otherwise. */
function recipeOf({ fresh, editing, draft, run }: GridHost): Recipe {
	return withoutField(fresh || editing ? draft.usable : run.recipe, 'begin');
}
