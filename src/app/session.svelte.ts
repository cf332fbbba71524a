/** Session: the whole state of the page, created once by main.ts with its ports: the parts, the open run, the place and the view. */
import type { RowReader } from '#core/rowReader.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { withoutUnasked } from '#core/recipe/unasked.ts';
import { cleanName } from '#core/text/name.ts';
import type { RunFile } from '#core/run/runFile.ts';
import { addressOf, type Place, type View } from './address.ts';
import type { Chat } from './compare/chat.svelte.ts';
import { createConversations } from './compare/conversations.ts';
import type { RunMeasurements } from './compare/runMeasurements.svelte.ts';
import type { SideBySide } from './compare/sideBySide.svelte.ts';
import { StrengthMeasurement } from './compare/strengthMeasurement.ts';
import type { TrackedPair } from './compare/trackedPair.svelte.ts';
import { TwoRuns } from './compare/twoRuns.svelte.ts';
import { Engines } from './engines/engines.svelte.ts';
import { ReviserConnection } from './engines/reviserConnection.svelte.ts';
import { SecondModel } from './engines/secondModel.svelte.ts';
import { Faults } from './faults.svelte.ts';
import { GridPlace } from './grid/gridPlace.svelte.ts';
import { Grids } from './grid/grids.svelte.ts';
import { Latest } from './latest.ts';
import { MethodSets } from './lab/methodSets.svelte.ts';
import type { ChosenFile } from './library/chosenFile.ts';
import { Lessons } from './lessons.svelte.ts';
import { Library } from './library/library.svelte.ts';
import { Models } from './library/models.svelte.ts';
import type { Recording } from './library/recordings.ts';
import { RunLink } from './library/runLink.svelte.ts';
import { RunFiles } from './library/runFiles.svelte.ts';
import { StoredData } from './library/storedData.svelte.ts';
import { openUserRows, type UserRows } from './library/userRows.ts';
import type { AppPorts, DiskFiles } from './ports.ts';
import { BeginChoice } from './recipe/beginChoice.svelte.ts';
import { DraftMemory } from './recipe/draftMemory.ts';
import { FormulaDraft } from './recipe/formulaDraft.svelte.ts';
import { DurationEstimate } from './recipe/durationEstimate.svelte.ts';
import { PaceMeasurement } from './recipe/paceMeasurement.svelte.ts';
import { missingRows, type Obstacle } from './recipe/obstacle.ts';
import { RecipeDraft, shortRecipe } from './recipe/recipeDraft.svelte.ts';
import { RecipeLink } from './recipe/recipeLink.svelte.ts';
import { Rounds } from './rounds.svelte.ts';
import { Run, type ResumeOptions, type RunParts } from './run/run.svelte.ts';
import { closeRun, openRun, workingView, type OpenRun } from './run/openRun.ts';
import { newRunName } from './run/runName.ts';
import { carryViewChoices } from './run/viewChoices.ts';
import type { StepSummary } from './steps/stepSummary.ts';
import type { Steps } from './steps/steps.ts';

export class Session {
	readonly draft = new RecipeDraft((model) => this.engines.suggestedRecipe(model));
	/** Imported prompts and pairs, and kept sets of pairs, which runs draw from. */
	readonly imported: UserRows;
	/** Reads imported files off the page's thread. */
	readonly rowReader: RowReader;
	readonly engines: Engines;
	/** The user's own models. */
	readonly models: Models;
	/** Reads the files of a model that the user chose or dropped. */
	readonly diskFiles: DiskFiles;
	readonly reviser: ReviserConnection;
	readonly sideBySide: SideBySide;
	readonly chat: Chat;
	/** The open run's prompts under all data methods. */
	readonly methods: MethodSets;
	readonly strengths: StrengthMeasurement;
	/** Grids of runs. */
	readonly grids: Grids;
	readonly gridPlace = new GridPlace(() => this);
	readonly twoRuns: TwoRuns;
	readonly library: Library;
	readonly files: RunFiles;
	readonly data: StoredData;
	readonly faults = new Faults();
	readonly formula: FormulaDraft;
	readonly link = new RecipeLink();
	/** The link to a run file that the page was opened with. */
	readonly runLink: RunLink;
	readonly lessons: Lessons;
	readonly durations = new DurationEstimate();
	readonly pace = new PaceMeasurement(() => this.#parts, this.durations);
	/** The adapter that the draft begins from. */
	readonly begin: BeginChoice;
	readonly rounds: Rounds;
	readonly #draftMemory: DraftMemory;
	readonly #parts: RunParts;

	/** The open run with its tracked pair. Replaced as a whole. */
	#open: OpenRun;

	place: Place = $state('loop');
	/** True while the recipe paragraph is open over a run: "Change one thing, run again". */
	editing: boolean = $state(false);
	#picked: View | null = $state(null);
	/** Requests to open or close a run. */
	readonly #requests = new Latest();
	/** The view that was asked for before any run was open; null after the next run is opened. */
	unopened: View | null = $state(null);
	/** True while a run is read to be opened. */
	opening: boolean = $state(false);

	/** The recipe on the page: the run's, or the last usable draft before any run and while editing. */
	readonly recipe: Recipe = $derived.by(() => (this.editing ? this.draft.usable : this.run.recipe));
	/** "CLAIR, APO-zero, seed 1". */
	readonly shortRecipe: string = $derived(shortRecipe(this.recipe));
	/** The user's pick; else the step that works, with the overview while training. */
	readonly view: View = $derived.by(() => this.#picked ?? workingView(this.run));
	/** True after the user picked a view: it stays when another step starts to work. */
	readonly pinned: boolean = $derived(this.#picked !== null);
	/** About how many seconds the draft will take here, by the last finished run or a measurement; null if unknown. */
	readonly estimate: number | null = $derived.by(() => this.durations.secondsFor(this.draft.usable));
	/** Why the draft cannot run now; null if it can. */
	readonly obstacle: Obstacle | null = $derived.by(() => {
		if (this.run.player.active) return 'running';
		return this.draft.problem === null ? missingRows(this.draft.recipe, this.imported) : 'recipe';
	});
	/** True before any run is open: the first page. */
	readonly fresh: boolean = $derived.by(() => this.run.id === null);
	/** The fragment of the page's address that names what is open; see address.ts. */
	readonly address: string = $derived.by(() => addressOf(this, this.#picked));

	constructor(ports: AppPorts) {
		this.imported = openUserRows(ports);
		this.rowReader = ports.rowReader;
		this.#draftMemory = new DraftMemory(ports.tabMemory);
		this.formula = new FormulaDraft(() => this.recipe.objective.beta, ports.tabMemory);
		this.engines = new Engines(ports);
		this.diskFiles = ports.diskFiles;
		this.models = new Models(
			ports,
			() => this.engines.readCatalogue(),
			({ source }) => this.draft.setModel(source.id),
		);
		this.reviser = new ReviserConnection(ports, new SecondModel(ports, this.engines));
		this.#parts = { ports, engines: this.engines, reviser: this.reviser, imported: this.imported };
		this.#open = $state.raw(openRun(this.#preview(), this.engines));
		const { chat, sideBySide } = createConversations(() => this.run, this.engines, ports);
		[this.chat, this.sideBySide] = [chat, sideBySide];
		this.methods = new MethodSets(this, this.#parts);
		this.strengths = new StrengthMeasurement(() => this.run, this.engines);
		this.library = new Library(ports.store, ports.locks);
		this.files = new RunFiles(ports);
		this.runLink = new RunLink(() => this, ports);
		this.data = new StoredData(ports, this.library, this.imported.sets);
		this.lessons = new Lessons(() => this, ports.tabMemory);
		this.begin = new BeginChoice(ports);
		this.grids = new Grids(this.#parts, this);
		this.rounds = new Rounds(() => this.run, this.begin);
		this.twoRuns = new TwoRuns(() => this, this.#parts);
		ports.store.onRemoved((id) => void this.#onRemoved(id));
	}

	/** The open run, replaced as a whole when another is started or opened; before any, a preview of the draft. */
	get run(): Run {
		return this.#open.run;
	}

	/** The steps of the open run. */
	get steps(): Steps {
		return this.#open.run.steps;
	}

	/** The steps of the open run in the order the data meets them. */
	get stepSummaries(): readonly StepSummary[] {
		return this.#open.summaries;
	}

	/** The tracked pair of the open run. */
	get tracked(): TrackedPair {
		return this.#open.tracked;
	}

	/** Measurements of the open run. */
	get measurements(): RunMeasurements {
		return this.#open.measurements;
	}

	/** Called once: asks the device, reads the catalogue and the library. Never throws. */
	async start(): Promise<void> {
		const stored = [this.library.start(), this.imported.sets.refresh(), this.grids.refresh()];
		await Promise.all([this.engines.start(), ...stored]);
		this.durations.learn(await this.library.newestFinished());
	}

	/** Shows a view and stays there until `followWork`. An open recipe folds; its changes are kept. Without a run see `unopened`. */
	show(view: View): void {
		this.place = 'loop';
		if (this.fresh) this.unopened = view;
		else [this.editing, this.#picked] = [false, view];
	}

	/** Shows the loop; the view follows the working step again. */
	followWork(): void {
		this.place = 'loop';
		[this.editing, this.#picked] = [false, null];
	}

	/** Shows the saved runs as the store lists them now, without earlier failures. */
	openShelf(): void {
		this.place = 'shelf';
		[this.library.error, this.files.error, this.imported.sets.error] = [null, null, null];
		void Promise.all([this.library.refresh(), this.imported.sets.refresh()]);
	}

	/** Returns to the first page; the run stays in the library. A run that is active or not saved stays open, with its recipe. */
	close(): void {
		this.cancelOpening();
		if (this.fresh) return;
		if (this.run.player.active || this.run.unsaved !== null) {
			this.place = 'loop';
			this.change();
			return;
		}
		this.#showNoRun('loop');
	}

	/** Opens a run of the draft and runs it. */
	async startRun(): Promise<void> {
		if (this.imported.sets.lacks(this.draft.recipe)) await this.imported.sets.load(this.draft.recipe);
		if (this.obstacle !== null || this.begin.reading) return;
		const recipe = withoutUnasked(this.draft.recipe);
		const beginning = recipe.begin === undefined ? null : await this.begin.beginningOf(recipe);
		if (recipe.begin !== undefined && beginning === null) return;
		this.pace.cancel();
		const name = newRunName(this.#parts.ports.clock.date(), this.library.names);
		const run = Run.create(this.#parts, recipe, name, this.methods.workSoFar(), beginning);
		this.#show(run);
		this.data.protect();
		await run.start();
		this.durations.learn(run.record());
		await this.library.refresh();
	}

	/** Resumes the open run; see `Run.resume`. */
	async resume(options?: ResumeOptions): Promise<void> {
		this.editing = false;
		const { run } = this;
		await run.resume(options);
		this.durations.learn(run.record());
		await this.library.refresh();
	}

	/**
	 * "Change one thing, run again": the paragraph returns, with changes counted against the run's recipe. Earlier changes
	 * that did not run yet are still there.
	 */
	change(): void {
		if (!this.fresh && this.draft.base !== this.run.recipe) this.draft.startFrom(this.run.recipe);
		this.editing = true;
	}

	/** Another round: a draft that begins from the adapter that is shown. If it cannot be read, `begin.error` says why. */
	async anotherRound(): Promise<void> {
		const { run } = this;
		const recipe = await this.rounds.next();
		if (recipe === null || run !== this.run) return;
		this.change();
		this.draft.load(recipe);
	}

	/** Remembers the recipe that is being edited for a reload of the tab. Without an open recipe nothing changes. */
	rememberDraft(recipe: Recipe): void {
		if (this.fresh || this.editing) this.#draftMemory.write(this.run.id, recipe);
	}

	/** After a reload: the open recipe as it was edited. */
	restoreDraft(): void {
		const recipe = this.fresh || this.editing ? this.#draftMemory.read(this.run.id) : null;
		if (recipe !== null) this.draft.load(recipe);
	}

	/** Folds the paragraph without running. */
	cancelChange(): void {
		this.editing = false;
	}

	/** Drops a run that is still read to be opened; a file's run stays in the library. */
	cancelOpening(): void {
		this.#requests.begin();
	}

	/**
	 * Opens a stored run, unless another one is asked for while it is read. If it cannot be opened, the library says why; while a
	 * run is active, `files.error` does.
	 */
	async open(id: string): Promise<void> {
		if (this.#refusesToOpen('run')) return;
		const isLatest = this.#requests.begin();
		this.files.error = null;
		const record = await this.library.readToOpen(id);
		if (!isLatest()) return;
		if (record === null) return void (this.place = 'shelf');
		await this.#openRun({ record, adapters: [] });
		await this.library.refresh();
	}

	/**
	 * Keeps a run from a file in the library and opens it, unless another one is asked for while it is read. If it cannot be
	 * opened, `files.error` says why.
	 *
	 * @param address of the file, if it came from one
	 */
	async openFile(name: string, bytes: Uint8Array<ArrayBuffer>, address?: string): Promise<void> {
		if (this.#refusesToOpen('file')) return;
		const isLatest = this.#requests.begin();
		const file = await this.files.read(name, bytes, address);
		if (file !== null && isLatest()) await this.#openRun(file);
		await this.library.refresh();
	}

	/** Reads a file that the user chose, and opens it. If it cannot be read or opened, `files.error` says why. */
	async openChosen(file: ChosenFile): Promise<void> {
		if (this.#refusesToOpen('file')) return;
		this.data.protect();
		const bytes = await this.files.bytesOf(file);
		if (bytes !== null) await this.openFile(file.name, bytes);
	}

	/** Opens a run that comes with the page. If it cannot be read, `files.error` says why. */
	async openRecorded(recording: Recording): Promise<void> {
		if (this.#refusesToOpen('file')) return;
		const isLatest = this.#requests.begin();
		await this.library.refresh();
		if (!isLatest()) return;
		if (this.library.runs.some(({ id }) => id === recording.id)) return this.open(recording.id);
		const file = await this.files.readRecorded(recording);
		if (file !== null && isLatest()) await this.#openRun(file);
		await this.library.refresh();
	}

	/** Loads the recipe that a link's fragment holds. If it cannot be used, `link.problem` says why, and the draft stays. */
	async openLink(fragment: string): Promise<void> {
		const recipe = await this.link.read(fragment);
		if (recipe === null) return;
		if (!this.fresh) this.change();
		this.place = 'loop';
		this.draft.load(recipe);
	}

	/** Renames a stored run, also if it is the open one. */
	async rename(id: string, name: string): Promise<void> {
		if (id !== this.run.id) return this.library.rename(id, name);
		await this.run.rename(cleanName(name));
		await this.library.refresh();
	}

	/** Deletes a stored run. If it is the open one, the page closes it first. If it cannot be deleted, the library says why. */
	async remove(id: string): Promise<void> {
		if (id === this.run.id && !this.run.player.active) this.#showNoRun('shelf');
		await this.library.remove(id);
	}

	/** Loads the recipe's model, for chats, tokens and comparisons outside of a run. A failure is in `engines.error`. */
	loadModel(): Promise<void> {
		return this.engines.tryLoad(this.recipe.model);
	}

	/** Any tab deleted a stored run. If it is open here, it stays on the page and is not stored again by itself. */
	async #onRemoved(id: string): Promise<void> {
		const { run } = this;
		if (run.id === id) run.autosave.markDeleted(run.name);
		else await run.autosave.retry();
		await this.library.refresh();
	}

	/** Another run would replace the open one on the page. If that one is active, says so in `files.error`. */
	#refusesToOpen(what: 'run' | 'file'): boolean {
		if (!this.run.player.active) return false;
		this.files.refuseWhileActive(what);
		return true;
	}

	async #openRun({ record, adapters, parent }: RunFile): Promise<void> {
		// A run can start while the file is read.
		if (this.#refusesToOpen('run')) return;
		const run = Run.open(this.#parts, record, parent ?? null);
		for (const one of adapters) run.steps.adapter.hold(one);
		this.#show(run);
		// Shows the latest checkpoint's norms; a missing one shows none.
		await run.steps.adapter.select(null);
	}

	#show(run: Run): void {
		closeRun(this.#open);
		carryViewChoices(this.run, run);
		this.#open = openRun(run, this.engines);
		this.draft.startFrom(run.recipe);
		this.unopened = null;
		this.followWork();
	}

	#showNoRun(place: Place): void {
		this.#show(this.#preview());
		this.draft.base = null;
		this.place = place;
	}

	#preview(): Run {
		return Run.preview(this.#parts, () => this.draft.recipe);
	}
}
