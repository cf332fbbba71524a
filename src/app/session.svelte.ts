/** Session: everything the page holds, created once by main.ts with its ports. Places, views, and the parts wired together. */
import { PIPELINE, type Noun } from '#core/pipeline.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { Chat } from './chat.svelte.ts';
import { Engines } from './engines.svelte.ts';
import { FollowedPair } from './followedPair.svelte.ts';
import { Loop } from './loop.svelte.ts';
import type { AppPorts } from './ports.ts';
import { RecipeDraft, shortRecipe } from './recipeDraft.svelte.ts';
import { ReviserConnection, type TabMemory } from './reviserConnection.svelte.ts';
import { Shelf } from './shelf.svelte.ts';
import { SideBySide } from './sideBySide.svelte.ts';
import type { Station } from './station.ts';
import { createSteps, stationsOf, type Steps } from './steps.ts';

export type Place = 'loop' | 'ablations' | 'shelf';
export type View = 'overview' | Noun;

export class Session {
	readonly draft = new RecipeDraft();
	readonly engines: Engines;
	readonly reviser: ReviserConnection;
	readonly loop: Loop;
	readonly steps: Steps;
	readonly stations: readonly Station[];
	readonly followed: FollowedPair;
	readonly sideBySide: SideBySide;
	readonly chat: Chat;
	readonly shelf: Shelf;

	place: Place = $state('loop');
	/** True while the recipe paragraph is open over a run: "Change one thing, run again". */
	editing: boolean = $state(false);
	#picked: View | null = $state(null);

	/** The recipe on the page: the run's, or the draft before any run and while editing. */
	readonly recipe: Recipe = $derived.by(() =>
		this.editing ? this.draft.recipe : (this.loop.recipe ?? this.draft.recipe),
	);
	/** "CLAIR, APO-zero, seed 1", for the bar. */
	readonly shortRecipe: string = $derived(shortRecipe(this.recipe));
	/** The person's pick; else the station that works, with the overview while training. */
	readonly view: View = $derived.by(() => this.#picked ?? this.#workingView());
	/** True once the person picked a view: the bench stays, and the way alone reports. */
	readonly pinned: boolean = $derived(this.#picked !== null);
	/** True before any run is on the bench: the first page. */
	readonly fresh: boolean = $derived.by(() => this.loop.runId === null);

	constructor(ports: AppPorts, memory: TabMemory | null = null) {
		this.engines = new Engines(ports);
		this.reviser = new ReviserConnection(ports.reviser, memory);
		this.loop = new Loop({ ports, engines: this.engines, reviser: this.reviser });
		// A run's recipe is what its stations speak of; the draft only before any.
		const recipe = (): Recipe => this.loop.recipe ?? this.draft.recipe;
		this.steps = createSteps(recipe, () => this.loop.runId, ports);
		this.loop.steps = this.steps;
		this.stations = stationsOf(this.steps);
		this.followed = new FollowedPair(this.steps);
		const model = () => this.engines.target;
		const adapter = () => this.#adapterNow(ports);
		this.sideBySide = new SideBySide(
			{ model, adapter, score: () => null, maxTokens: () => recipe().evaluation.maxTokens },
			ports,
		);
		this.chat = new Chat({ model, adapter, recipe }, ports);
		this.shelf = new Shelf(ports.store);
	}

	/** Called once: asks the device, reads the catalogue and the shelf. Never throws. */
	async start(): Promise<void> {
		await Promise.all([this.engines.start(), this.shelf.refresh()]);
	}

	/** Shows a view and stays there until `followWork`. */
	show(view: View): void {
		this.place = 'loop';
		this.#picked = view;
	}

	/** The view follows the working station again. */
	followWork(): void {
		this.#picked = null;
	}

	/** Runs the draft. */
	async run(): Promise<void> {
		if (this.draft.problem !== null) return;
		this.editing = false;
		this.draft.startFrom(this.draft.recipe);
		this.followWork();
		await this.loop.run(this.draft.recipe);
		await this.shelf.refresh();
	}

	/** "Change one thing, run again": the paragraph returns, with changes counted against the run's recipe. */
	change(): void {
		if (this.loop.recipe !== null) this.draft.startFrom(this.loop.recipe);
		this.editing = true;
	}

	/** Folds the paragraph without running. */
	cancelChange(): void {
		this.editing = false;
	}

	/** Opens a stored run on the bench. Shows why in `shelf.error` when it cannot be read. */
	async open(_id: string): Promise<void> {
		await Promise.resolve();
	}

	#workingView(): View {
		const noun = this.loop.working;
		return noun === null || noun === 'loss' || noun === 'prompt' ? 'overview' : noun;
	}

	/** While training goes on and no checkpoint is chosen: the adapter of the current step. Else the chosen checkpoint. */
	async #adapterNow(ports: AppPorts) {
		const { adapter, loss } = this.steps;
		if (loss.active && adapter.selectedStep === null) return ports.compute.currentAdapter();
		return adapter.shownStep === null ? null : adapter.read(adapter.shownStep);
	}
}

/** Keys `1`–`8` by noun. */
export const KEY_OF_NOUN: ReadonlyMap<Noun, string> = new Map(
	PIPELINE.map(({ id }, i) => [id, String(i + 1)]),
);
