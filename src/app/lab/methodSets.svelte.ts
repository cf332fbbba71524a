/**
 * The pairs of the open run's prompts under all data methods that make pairs: the open run's own, and those of the others, made
 * at the user's request from the same recipe with another method. They train nothing and are not stored.
 */
import { asAppError, toWire, type WireError } from '#core/errors.ts';
import type { DataMethod } from '#core/pair/methods/method.ts';
import { listMethods } from '#core/pair/methods/registry.ts';
import { type SetContrast, setContrast } from '#core/pair/contrast.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { PauseGate } from '../async/pauseGate.ts';
import { runDataPhases } from '../run/phaseRunner.ts';
import type { PhaseContext } from '../run/phaseContext.ts';
import { drawData } from '../run/drawData.ts';
import { reusableOf } from '../run/reuse.ts';
import type { Run, RunParts } from '../run/run.svelte.ts';
import { TrafficLog } from '../run/trafficLog.svelte.ts';
import { createSteps } from '../steps/steps.ts';

/** The pairs that one method makes from the open run's prompts. */
export interface MethodSet {
	method: DataMethod;
	pairs: readonly PreferencePair[];
	contrast: SetContrast;
}

export class MethodSets {
	readonly #run: () => Run;
	readonly #parts: RunParts;
	#abort: AbortController | null = null;

	/** Sets that were made, by run id and method. */
	#made: ReadonlyMap<string, MethodSet> = $state.raw(new Map());
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
		const run = this.#run();
		return listMethods()
			.filter(({ source }) => source === 'prompts')
			.map((method) => ({
				method,
				set: method.id === run.recipe.pairs.method ? this.#own : (this.#made.get(keyOf(run, method)) ?? null),
			}));
	});
	readonly #own: MethodSet = $derived.by(() => {
		const { pairs, method } = this.#run().steps.pair;
		return { method, pairs, contrast: setContrast(this.open ? pairs : []) };
	});
	/** True if sets are missing and can be made now. */
	readonly canMake: boolean = $derived.by(() => {
		const { player, steps } = this.#run();
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

	/** @param run the open run */
	constructor(run: () => Run, parts: RunParts) {
		this.#run = run;
		this.#parts = parts;
	}

	/** Makes the missing sets, one after the other. A failure is in `error`; finished sets stay. */
	async make(): Promise<void> {
		if (!this.canMake) return;
		const run = this.#run();
		this.#abort = new AbortController();
		const { signal } = this.#abort;
		this.error = null;
		const release = this.#parts.engines.hold(run.recipe.model);
		try {
			for (const { method, set } of this.sets) {
				if (set !== null) continue;
				this.making = method;
				const made = await this.#makeOne(run, method, signal);
				this.#made = new Map([...this.#made, [keyOf(run, method), made]]);
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

	async #makeOne(run: Run, method: DataMethod, signal: AbortSignal): Promise<MethodSet> {
		const { engines, imported, ports, reviser } = this.#parts;
		const recipe: Recipe = { ...run.recipe, pairs: { ...run.recipe.pairs, method: method.id } };
		const steps = createSteps({
			recipe: () => recipe,
			runId: () => null,
			compute: run.models.compute,
			imported,
			ports,
		});
		drawData(recipe, steps, reusableOf(recipe, [run]));
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
		return { method, pairs, contrast: setContrast(pairs) };
	}
}

function keyOf(run: Run, { id }: DataMethod): string {
	return `${run.engineId} ${id}`;
}
