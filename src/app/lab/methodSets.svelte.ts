/**
 * The pairs of the open run's prompts under all data methods that make pairs: the open run's own, and those of the others, made
 * at the user's request from the same recipe with another method. They train nothing; the next run reuses their answers, judgements and
 * revisions, and the user can keep the pairs as sets.
 */
import { asAppError, toWire, type WireError } from '#core/errors.ts';
import type { DataMethod, StageRows } from '#core/pair/methods/method.ts';
import { listMethods } from '#core/pair/methods/registry.ts';
import { type SetContrast, setContrast } from '#core/pair/contrast.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { withoutUnasked } from '#core/recipe/unasked.ts';
import type { AskedSections } from '../recipe/recipeDraft.svelte.ts';
import { PauseGate } from '../async/pauseGate.ts';
import { runDataPhases } from '../run/phaseRunner.ts';
import type { PhaseContext } from '../run/phaseContext.ts';
import { drawData } from '../run/drawData.ts';
import { reusableOf, type EarlierWork } from '../run/reuse.ts';
import type { Run, RunParts } from '../run/run.svelte.ts';
import { TrafficLog } from '../run/trafficLog.svelte.ts';
import { createSteps, stageRows } from '../steps/steps.ts';

/** The pairs that one method makes from the open run's prompts. */
export interface MethodSet {
	method: DataMethod;
	pairs: readonly PreferencePair[];
	contrast: SetContrast;
	/** The recipe and the rows that made the pairs. */
	recipe: Recipe;
	rows: StageRows;
}

/** Runs whose rows stay in memory for reuse. */
const MOST_RUNS = 6;

/** The parts of the page that the sets follow. */
interface MethodsPage {
	/** The open run. */
	readonly run: Run;
	/** `asked`: the user's settings of the models that a method of another run may ask. */
	readonly draft: { readonly asked: AskedSections };
}

export class MethodSets {
	readonly #page: MethodsPage;
	readonly #parts: RunParts;
	#abort: AbortController | null = null;
	/** Runs of this visit from which another one was started, the latest first. */
	#runs: readonly Run[] = [];

	/** Sets that were made, by run and method and by the settings that made them. */
	#made: ReadonlyMap<string, MethodSet & EarlierWork> = $state.raw(new Map());
	/** True while the page shows the methods side by side. */
	open: boolean = $state(false);
	/** The method whose set is being made; null if none is. */
	making: DataMethod | null = $state.raw(null);
	/** Share of its rows that are there, in [0, 1]. */
	progress: number = $state(0);
	/** Why a set could not be made; null if none failed. */
	error: WireError | null = $state.raw(null);

	/** One entry per method that makes pairs from prompts, in the registry's order; null until its set is made. */
	readonly sets: readonly { method: DataMethod; set: MethodSet | null }[] = $derived.by(() => {
		const { run } = this.#page;
		return listMethods()
			.filter(({ source }) => source === 'prompts')
			.map((method) => ({
				method,
				set:
					method.id === run.recipe.pairs.method
						? this.#own
						: (this.#made.get(keyOf(run, this.#recipeFor(run, method))) ?? null),
			}));
	});
	readonly #own: MethodSet = $derived.by(() => {
		const { steps, recipe } = this.#page.run;
		const { pairs, method } = steps.pair;
		return { method, pairs, recipe, rows: stageRows(steps), contrast: setContrast(this.open ? pairs : []) };
	});
	/** True if sets are missing and can be made now. */
	readonly canMake: boolean = $derived.by(() => {
		const { player, steps } = this.#page.run;
		const { source } = steps.pair.method;
		const missing = this.sets.some(({ set }) => set === null);
		return (
			missing &&
			source === 'prompts' &&
			!player.active &&
			steps.prompt.prompts.length > 0 &&
			this.making === null
		);
	});

	constructor(page: MethodsPage, parts: RunParts) {
		this.#page = page;
		this.#parts = parts;
	}

	/**
	 * The work that a new run reuses: of the open run, of runs that were open before it in this visit, and of all sets that were made.
	 * None if no run is open.
	 */
	workSoFar(): readonly EarlierWork[] {
		const { run } = this.#page;
		if (run.id === null) return [];
		this.#runs = [run, ...this.#runs.filter((one) => one !== run)].slice(0, MOST_RUNS);
		return [...this.#runs, ...this.#made.values()];
	}

	/** Makes the missing sets, one after the other. A failure is in `error`; finished sets stay. */
	async make(): Promise<void> {
		if (!this.canMake) return;
		const { run } = this.#page;
		this.#abort = new AbortController();
		const { signal } = this.#abort;
		this.error = null;
		const release = this.#parts.engines.hold(run.recipe.model);
		try {
			for (const { method, set } of this.sets) {
				if (set !== null) continue;
				this.making = method;
				const made = await this.#makeOne(run, method, signal);
				this.#made = new Map([...this.#made, [keyOf(run, made.recipe), made]]);
			}
		} catch (error) {
			if (!signal.aborted) this.error = toWire(asAppError(error));
		} finally {
			release();
			this.making = null;
			this.#abort = null;
		}
	}

	stop(): void {
		this.#abort?.abort();
	}

	/** The run's recipe with another method, and the settings of the models that this method asks. */
	#recipeFor(run: Run, method: DataMethod): Recipe {
		const pairs = { ...run.recipe.pairs, method: method.id };
		return withoutUnasked({ ...run.recipe, ...this.#page.draft.asked, pairs });
	}

	async #makeOne(run: Run, method: DataMethod, signal: AbortSignal): Promise<MethodSet & EarlierWork> {
		const { engines, imported, ports, reviser } = this.#parts;
		const recipe = this.#recipeFor(run, method);
		const steps = createSteps({
			recipe: () => recipe,
			runId: () => null,
			compute: run.models.compute,
			imported,
			ports,
		});
		drawData(recipe, steps, reusableOf(recipe, [run, ...this.#made.values()]));
		const report = (): void => {
			this.progress = steps.pair.progress;
		};
		const context: PhaseContext = {
			...{ recipe, runId: '', engines, models: run.models, reviser, steps, signal },
			traffic: new TrafficLog(ports),
			gate: new PauseGate(),
			phase: () => 'idle',
			enter: report,
			interrupted: () => undefined,
			save: () => {
				report();
				return Promise.resolve();
			},
			saveSometimes: report,
			checkpointSaved: () => undefined,
			reviewFirst: () => false,
			skipUnasked: false,
		};
		await runDataPhases(context);
		const { pairs } = steps.pair;
		return { method, pairs, recipe, steps, rows: stageRows(steps), contrast: setContrast(pairs) };
	}
}

function keyOf(run: Run, { pairs, judge, stronger, others }: Recipe): string {
	return JSON.stringify([run.engineId, pairs.method, judge, stronger, others]);
}
