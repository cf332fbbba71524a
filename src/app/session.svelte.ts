/** Session: everything the page holds, created once by main.ts with its ports. Places, views, and the parts wired together. */
import { toWire } from '#core/errors.ts';
import { tokenCredit } from '#core/loss/credit.ts';
import { PIPELINE, type Noun } from '#core/pipeline.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunRecord } from '#core/run/run.ts';
import type { RunFile } from '#core/run/runFile.ts';
import { Chat } from './compare/chat.svelte.ts';
import { runLocked } from './run/runLocked.ts';
import { Engines } from './engines/engines.svelte.ts';
import { estimateSeconds, unitSeconds, type UnitSeconds } from './recipe/estimate.ts';
import { scoredAnswer } from './steps/evaluationViews.ts';
import { TrackedPair } from './compare/trackedPair.svelte.ts';
import { PauseGate } from './async/pauseGate.ts';
import { Run, type GoOn } from './run/run.svelte.ts';
import type { AppPorts } from './ports.ts';
import { RecipeDraft, shortRecipe } from './recipe/recipeDraft.svelte.ts';
import { RecipeLink } from './recipe/recipeLink.svelte.ts';
import { ReviserConnection } from './engines/reviserConnection.svelte.ts';
import { RECORDED_ID, RunFiles } from './library/runFiles.svelte.ts';
import { Library } from './library/library.svelte.ts';
import { SideBySide } from './compare/sideBySide.svelte.ts';
import type { StepSummary } from './steps/stepSummary.ts';
import { createSteps, stepSummaries, type Steps } from './steps/steps.ts';

export type Place = 'loop' | 'ablations' | 'shelf';
export type View = 'overview' | Noun;

export class Session {
	readonly draft = new RecipeDraft();
	readonly engines: Engines;
	readonly reviser: ReviserConnection;
	readonly run: Run;
	readonly steps: Steps;
	readonly stepSummaries: readonly StepSummary[];
	readonly tracked: TrackedPair;
	readonly sideBySide: SideBySide;
	readonly chat: Chat;
	readonly library: Library;
	readonly files: RunFiles;
	readonly link = new RecipeLink();

	place: Place = $state('loop');
	/** True while the recipe paragraph is open over a run: "Change one thing, run again". */
	editing: boolean = $state(false);
	#picked: View | null = $state(null);
	#units: UnitSeconds | null = $state.raw(null);
	#measuring: AbortController | null = null;
	readonly #ports: AppPorts;

	/** The recipe on the page: the run's, or the draft before any run and while editing. */
	readonly recipe: Recipe = $derived.by(() =>
		this.editing ? this.draft.recipe : (this.run.recipe ?? this.draft.recipe),
	);
	/** The recipe of what is on the bench, whatever is being changed for the next run. */
	readonly runRecipe: Recipe = $derived.by(() => this.run.recipe ?? this.draft.recipe);
	/** "CLAIR, APO-zero, seed 1". */
	readonly shortRecipe: string = $derived(shortRecipe(this.recipe));
	/** The person's pick; else the station that works, with the overview while training. */
	readonly view: View = $derived.by(() => this.#picked ?? this.#workingView());
	/** True once the person picked a view: the bench stays, and the way alone reports. */
	readonly pinned: boolean = $derived(this.#picked !== null);
	/** About how many seconds the draft will take here, by the last finished run; null while none is known. */
	readonly estimate: number | null = $derived.by(() =>
		this.#units === null ? null : estimateSeconds(this.draft.recipe, this.#units),
	);
	/** Why the draft cannot run now; null when it can. */
	readonly obstacle: 'running' | 'recipe' | 'no-prompts' | 'no-pairs' | null = $derived.by(() => {
		if (this.run.active) return 'running';
		if (this.draft.problem !== null) return 'recipe';
		const { pairs, prompts } = this.draft.recipe;
		if (pairs.method === 'imported') return this.steps.pair.own === null ? 'no-pairs' : null;
		const own = prompts.source === 'own';
		return own && (this.steps.prompt.own?.prompts.length ?? 0) === 0 ? 'no-prompts' : null;
	});
	/** True before any run is on the bench: the first page. */
	readonly fresh: boolean = $derived.by(() => this.run.id === null);

	constructor(ports: AppPorts) {
		this.#ports = ports;
		this.engines = new Engines(ports);
		this.reviser = new ReviserConnection(ports.reviser, ports.tabMemory);
		this.run = new Run({ ports, engines: this.engines, reviser: this.reviser });
		// A run's recipe is what its stations speak of; the draft only before any.
		const recipe = (): Recipe => this.runRecipe;
		this.steps = createSteps(recipe, () => this.run.id, this.engines.compute, ports);
		this.run.attach(this.steps);
		this.stepSummaries = stepSummaries(this.steps);
		this.tracked = new TrackedPair(this.steps);
		const sampling = (): boolean => this.run.active && this.run.phase === 'sampling';
		const model = () => (sampling() ? null : this.engines.target);
		const inTurn = <T>(work: () => Promise<T>): Promise<T> => this.engines.inTurn(work);
		const adapter = () => this.#adapterNow();
		this.sideBySide = new SideBySide(
			{
				model,
				inTurn,
				adapter,
				score: (prompt, text) => this.steps.evaluation.scoreOf(prompt, text),
				maxTokens: () => recipe().evaluation.maxTokens,
			},
			ports,
		);
		this.chat = new Chat({ model, inTurn, adapter, recipe }, ports);
		this.library = new Library(ports.store, ports.locks);
		this.files = new RunFiles(ports);
	}

	/** Called once: asks the device, reads the catalogue and the shelf. Never throws. */
	async start(): Promise<void> {
		await Promise.all([this.engines.start(), this.library.refresh()]);
		const finished = this.library.runs.find((run) => run.phase === 'done' && run.origin === undefined);
		if (finished !== undefined) this.#learnPace(await this.library.read(finished.id));
	}

	/** Shows a view and stays there until `followWork`. An open recipe folds; what was changed in it waits. */
	show(view: View): void {
		this.place = 'loop';
		this.editing = false;
		this.#picked = view;
	}

	/** The view follows the working station again. */
	followWork(): void {
		this.#picked = null;
	}

	/** Runs the draft. */
	async startRun(): Promise<void> {
		if (this.obstacle !== null) return;
		this.editing = false;
		this.draft.startFrom(this.draft.recipe);
		this.followWork();
		this.place = 'loop';
		this.tracked.follow(null);
		await this.run.run(this.draft.recipe, this.#newName());
		this.#learnPace(this.run.record());
		await this.library.refresh();
	}

	/** Goes on with the run on the bench; see `Run.goOn`. */
	async goOn(how: GoOn = 'whole'): Promise<void> {
		this.editing = false;
		await this.run.goOn(how);
		await this.library.refresh();
	}

	/**
	 * "Change one thing, run again": the paragraph returns, with changes counted against the run's recipe. Those made before
	 * and not run yet are still there.
	 */
	change(): void {
		const { recipe } = this.run;
		if (recipe !== null && this.draft.base !== recipe) this.draft.startFrom(recipe);
		this.editing = true;
	}

	/** Folds the paragraph without running. */
	cancelChange(): void {
		this.editing = false;
	}

	/** Opens a stored run on the bench. Where it cannot be read, the shelf says why. */
	async open(id: string): Promise<void> {
		const record = await this.library.read(id);
		if (record === null) this.place = 'shelf';
		if (record === null || this.run.active) return;
		if ((await this.#ports.locks.held()).has(id)) {
			this.library.error = toWire(runLocked(record.name));
			this.place = 'shelf';
			return;
		}
		await this.#show({ record, adapters: [] });
		await this.library.refresh();
	}

	/** Opens a run from a file, and keeps it on the shelf. Where it is none, `files.error` says why. */
	async openFile(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
		const file = await this.files.read(name, bytes);
		if (file !== null) await this.#show(file);
		await this.library.refresh();
	}

	/** Opens the run that comes with the page. Where it cannot be had, `files.error` says why. */
	async openRecorded(): Promise<void> {
		await this.library.refresh();
		if (this.library.runs.some((run) => run.id === RECORDED_ID)) {
			await this.open(RECORDED_ID);
			return;
		}
		const file = await this.files.readRecorded();
		if (file !== null) await this.#show(file);
		await this.library.refresh();
	}

	/** The run on the bench as a file, with the checkpoint that is shown; null before any run. */
	async packRun(): Promise<Uint8Array<ArrayBuffer> | null> {
		const record = this.run.record();
		const { adapter } = this.steps;
		const kept = adapter.shownStep === null ? null : await adapter.read(adapter.shownStep);
		return record === null ? null : this.files.pack(record, kept);
	}

	/** Takes the recipe that a link's fragment holds. Where it cannot be taken, `link.problem` says why, and the draft stays. */
	async openLink(fragment: string): Promise<void> {
		const recipe = await this.link.read(fragment);
		if (recipe === null) return;
		if (!this.fresh) this.change();
		this.place = 'loop';
		this.draft.load(recipe);
	}

	async #show({ record, adapters }: RunFile): Promise<void> {
		if (this.run.active) return;
		this.run.open(record);
		for (const one of adapters) this.steps.adapter.hold(one);
		this.draft.startFrom(record.recipe);
		this.editing = false;
		this.place = 'loop';
		this.tracked.follow(null);
		this.followWork();
		const { adapter } = this.steps;
		// Shows the latest checkpoint's norms; a missing one shows none.
		await adapter.select(null);
	}

	/** Gives a kept run another name, on the bench too where it lies there. */
	async rename(id: string, name: string): Promise<void> {
		if (id === this.run.id) {
			await this.run.rename(name);
			await this.library.refresh();
		} else await this.library.rename(id, name);
	}

	/** Asks the reviser once more about one row. A failure stays with the row. */
	async askAgain(id: string): Promise<void> {
		const model = this.reviser.model(this.recipe.reviser);
		await this.steps.revision.askAgain(id, model, new AbortController().signal);
	}

	/** Asks the model once more for one row's answer. A failure stays with the row. */
	async retryOutput(id: string): Promise<void> {
		await this.loadModel();
		const model = this.engines.target;
		if (model === null) return;
		await this.engines.inTurn(async () => {
			await model.setAdapter(null, 0);
			await this.steps.output.retry(id, model, new AbortController().signal);
		});
		await this.run.save();
	}

	/** Loads the recipe's model, so that one can chat, look at tokens or compare outside of a run. Told in `engines.error`. */
	async loadModel(): Promise<void> {
		try {
			await this.#loadedModel();
		} catch (error) {
			this.engines.error = toWire(error);
		}
	}

	/** Measures the score at several strengths of the chosen checkpoint: the curve on the strength slider. */
	async measureStrengths(): Promise<void> {
		const { adapter, evaluation, prompt } = this.steps;
		const chosen = adapter.shownStep === null ? null : await adapter.read(adapter.shownStep);
		if (chosen === null || this.run.active || evaluation.work !== null) return;
		await this.loadModel();
		const stop = new AbortController();
		this.#measuring = stop;
		try {
			await evaluation.measureStrengths(prompt.heldOut, chosen, new PauseGate(), stop.signal);
		} catch (error) {
			if (!stop.signal.aborted) evaluation.error = toWire(error);
		}
	}

	stopMeasuring(): void {
		this.#measuring?.abort();
	}

	/** The followed pair as tokens; see `tracked.tokens`. */
	async tokenizeFollowed(): Promise<void> {
		const { pair } = this.tracked;
		if (pair === null || this.engines.loadedModel === null) return;
		const tokens = await this.steps.batch.tokens(pair);
		if (this.tracked.pair === pair) this.tracked.tokens = tokens;
	}

	/**
	 * How the followed pair's rewards divide over its tokens, with the adapter as it is now; see `tracked.credit`. Loads the
	 * model where no run has done so.
	 *
	 * @throws the engines' errors
	 */
	async creditFollowed(): Promise<void> {
		const { pair } = this.tracked;
		if (pair === null || (this.run.active && this.engines.loadedModel === null)) return;
		await this.#loadedModel();
		const adapter = await this.#adapterNow();
		if (adapter === null) return;
		const { compute } = this.engines;
		const tokens = await this.steps.batch.tokens(pair);
		const [reference, policy] = [
			await compute.tokenLogps(pair, null),
			await compute.tokenLogps(pair, adapter),
		];
		if (this.tracked.pair !== pair) return;
		const { beta } = this.recipe.objective;
		this.tracked.credit = {
			tokens,
			chosen: tokenCredit(policy.chosen, reference.chosen, beta),
			rejected: tokenCredit(policy.rejected, reference.rejected, beta),
		};
	}

	/** The tuned model's greedy answer to the followed prompt, beside the first answer; see `tracked.answers`. */
	async answerFollowed(): Promise<void> {
		const { prompt, output } = this.tracked;
		if (prompt === null || this.engines.loadedModel === null) return;
		const adapter = await this.#adapterNow();
		if (adapter === null) return;
		const { evaluation } = this.steps;
		const text = await evaluation.answerOne(prompt, adapter);
		if (this.tracked.prompt?.id !== prompt.id) return;
		const before = output === null ? null : scoredAnswer(prompt, output.text);
		this.tracked.answers = { before, after: scoredAnswer(prompt, text) };
	}

	#learnPace(record: RunRecord | null): void {
		this.#units = (record === null ? null : unitSeconds(record)) ?? this.#units;
	}

	#loadedModel() {
		return this.engines.load(this.recipe.model, new AbortController().signal);
	}

	/** "Sunday", "Sunday 2": the day, and which of its runs. */
	#newName(): string {
		const date = new Date(this.#ports.clock.date());
		const day = date.toLocaleDateString('en', { weekday: 'long' });
		const names = new Set(this.library.runs.map((run) => run.name));
		if (!names.has(day)) return day;
		let n = 2;
		while (names.has(`${day} ${n}`)) n++;
		return `${day} ${n}`;
	}

	#workingView(): View {
		const noun = this.run.working;
		return noun === null || noun === 'loss' || noun === 'prompt' ? 'overview' : noun;
	}

	/** While training goes on and no checkpoint is chosen: the adapter of the current step. Else the chosen checkpoint. */
	async #adapterNow() {
		const { adapter, loss } = this.steps;
		if (loss.active && adapter.selectedStep === null)
			return this.engines.compute.currentAdapter(this.run.id ?? '');
		return adapter.shownStep === null ? null : adapter.read(adapter.shownStep);
	}
}

/** Keys `1`–`8` by noun. */
export const KEY_OF_NOUN: ReadonlyMap<Noun, string> = new Map(
	PIPELINE.map(({ id }, i) => [id, String(i + 1)]),
);
