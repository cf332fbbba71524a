/** Adapter: the checkpoints of a run, the selected one, and how strongly each layer and projection moved. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { asAppError, FormatError, toWire, type AppError, type WireError } from '#core/errors.ts';
import type { RunStore, TrainerState } from '#core/ports.ts';
import type { Recipe, TargetModule } from '#core/recipe/recipe.ts';
import { measureNorms, type AdapterNorms } from './adapterNorms.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';

/** Checkpoints held in memory; older ones are read from the store on demand. Those that it refused stay in memory. */
const HELD = 8;

/** A checkpoint that the store lists and cannot read. */
export interface DamagedCheckpoint {
	step: number;
	error: WireError;
}

export interface AdapterSources {
	step: () => number;
	active: () => boolean;
	failed: () => boolean;
	runId: () => string | null;
}

export class AdapterStep implements StepSummary {
	readonly noun = 'adapter';
	readonly #recipe: () => Recipe;
	readonly #store: RunStore;
	readonly #sources: AdapterSources;
	/** Not in $state: these hold weights. */
	#held = new Map<number, Adapter>();
	#lastState: TrainerState | null = null;
	#measuring: Adapter | null = null;
	/** Changes when norms are dropped, so that a measurement under way adds nothing. */
	#measured = Symbol('norms');
	#stored: readonly number[] = [];

	/** Steps that have a checkpoint, ascending. */
	checkpoints: readonly number[] = $state.raw([]);
	/** Checkpoints that cannot be read, in the order in which that was found. The run continues without them. */
	damaged: readonly DamagedCheckpoint[] = $state.raw([]);
	/** Why the store answered nothing when a checkpoint was to be shown, or null. */
	unread: WireError | null = $state.raw(null);
	/** The checkpoint that the adapter view shows and the chat uses; null means the latest. */
	selectedStep: number | null = $state(null);
	/** ‖scaling·B·A‖ by layer and projection of the shown checkpoint: the heat map. Null before training. */
	norms: AdapterNorms | null = $state.raw(null);
	/** The same of every adapter that was measured, also of those that are not stored; ascending by step. */
	measuredNorms: readonly AdapterNorms[] = $state.raw([]);

	readonly latestStep: number | null = $derived(this.checkpoints.at(-1) ?? null);
	readonly shownStep: number | null = $derived(this.selectedStep ?? this.latestStep);
	readonly modules: readonly TargetModule[] = $derived.by(() => this.#recipe().lora.targetModules);
	readonly progress: number = $derived.by(() =>
		Math.min(1, this.#sources.step() / this.#recipe().training.steps),
	);
	readonly state: StepState = $derived.by(() => {
		if (this.#sources.active()) return 'running';
		if (this.#sources.failed()) return 'failed';
		if (this.checkpoints.length === 0) return 'empty';
		return this.progress < 1 ? 'partial' : 'done';
	});
	readonly figure: Figure = $derived.by(() => {
		const { lora, training } = this.#recipe();
		if (this.state === 'empty') return figure(`rank ${lora.rank}, ${training.steps} steps`);
		if (this.state === 'done') return figure(`**${training.steps}** steps, rank ${lora.rank}`);
		return figure(`step **${this.#sources.step()}** of ${training.steps}`);
	});

	constructor(recipe: () => Recipe, store: RunStore, sources: AdapterSources) {
		this.#recipe = recipe;
		this.#store = store;
		this.#sources = sources;
	}

	/**
	 * Adds a checkpoint: shows its norms and keeps it in memory and in the store.
	 *
	 * @throws StorageError if the store refuses it; the checkpoint stays in memory
	 */
	async addCheckpoint(adapter: Adapter, state: TrainerState | null): Promise<void> {
		this.checkpoints = withStep(this.checkpoints, adapter.step);
		this.hold(adapter);
		if (state !== null) this.#lastState = state;
		const runId = this.#sources.runId();
		if (runId === null) return;
		await this.#store.writeCheckpoint(runId, adapter, state);
		this.#stored = withStep(this.#stored, adapter.step);
		this.damaged = this.damaged.filter(({ step }) => step !== adapter.step);
	}

	/** The norms of the nearest measured adapter at or before a step; null if there is none. */
	normsAt(step: number): AdapterNorms | null {
		return this.measuredNorms.findLast((norms) => norms.step <= step) ?? null;
	}

	/** Measures an adapter's norms and keeps it in memory, without storing it. */
	hold(adapter: Adapter): void {
		void this.#measure(adapter);
		this.#held.delete(adapter.step);
		this.#held.set(adapter.step, adapter);
		if (this.#held.size <= HELD) return;
		const spare = [...this.#held.keys()].find((step) => step !== adapter.step && this.#canForget(step));
		if (spare !== undefined) this.#held.delete(spare);
	}

	/** A checkpoint that the store refused exists only in memory. */
	#canForget(step: number): boolean {
		return this.#stored.includes(step) || !this.checkpoints.includes(step);
	}

	/**
	 * The adapter of a checkpoint, from memory or the store; null if there is none or it is damaged.
	 *
	 * @throws StorageError if the store itself fails
	 */
	async read(step: number): Promise<Adapter | null> {
		return this.#held.get(step) ?? (await this.#readStored(step))?.adapter ?? null;
	}

	/**
	 * The trainer's state at a checkpoint; null if it was not stored or the checkpoint is damaged.
	 *
	 * @throws StorageError if the store itself fails
	 */
	async readState(step: number): Promise<TrainerState | null> {
		if (this.#lastState?.step === step) return this.#lastState;
		return (await this.#readStored(step))?.state ?? null;
	}

	/**
	 * Writes the checkpoints to the store that are only in memory.
	 *
	 * @param all true if the run was deleted from the store, so that it has none: those that are not in memory are gone
	 * @throws StorageError if the store refuses one
	 */
	async storeHeld(all: boolean): Promise<void> {
		const runId = this.#sources.runId();
		if (runId === null) return;
		if (all) {
			this.#stored = [];
			this.checkpoints = this.checkpoints.filter((step) => this.#held.has(step));
		}
		for (const step of this.checkpoints) {
			const adapter = this.#held.get(step);
			if (adapter === undefined || this.#stored.includes(step)) continue;
			const state = this.#lastState?.step === step ? this.#lastState : null;
			await this.#store.writeCheckpoint(runId, adapter, state);
			this.#stored = withStep(this.#stored, step);
		}
	}

	/** Steps whose checkpoint survives a reload. */
	get stored(): readonly number[] {
		return this.#stored;
	}

	async #readStored(step: number) {
		const runId = this.#sources.runId();
		if (runId === null) return null;
		try {
			const kept = await this.#store.readCheckpoint(runId, step);
			if (kept === null && this.#stored.includes(step)) throw missing(step);
			return kept;
		} catch (thrown) {
			const error = asAppError(thrown);
			if (error.kind !== 'format') throw error;
			this.#leaveOut(step, error);
			return null;
		}
	}

	/** The record keeps the step until training makes the checkpoint again, so that the next visit names it too. */
	#leaveOut(step: number, error: AppError): void {
		this.checkpoints = this.checkpoints.filter((kept) => kept !== step);
		this.damaged = [...this.damaged.filter((one) => one.step !== step), { step, error: toWire(error) }];
		if (this.selectedStep === step) this.selectedStep = null;
	}

	/**
	 * Selects the checkpoint for norms and side by side. Null selects the latest. Never throws: a damaged checkpoint is left
	 * out, and the latest readable one is shown.
	 */
	async select(step: number | null): Promise<void> {
		this.selectedStep = step;
		this.unread = null;
		try {
			let shown = this.shownStep;
			while (shown !== null) {
				const adapter = await this.read(shown);
				if (adapter !== null && this.shownStep === shown) await this.#measure(adapter);
				if (this.shownStep === shown) {
					if (adapter === null) this.norms = null;
					return;
				}
				shown = this.shownStep;
			}
		} catch (error) {
			this.unread = toWire(error);
		}
	}

	/** Shows the norms only if they are of the shown adapter and no other was requested in the meantime. */
	async #measure(adapter: Adapter): Promise<void> {
		const { step } = adapter;
		const isShown = this.selectedStep === null || this.selectedStep === step;
		if (isShown) this.#measuring = adapter;
		const measured = this.#measured;
		const norms = this.measuredNorms.find((one) => one.step === step) ?? (await measureNorms(adapter));
		if (measured !== this.#measured) return;
		this.measuredNorms = [...this.measuredNorms.filter((one) => one.step !== step), norms].sort(
			(a, b) => a.step - b.step,
		);
		if (isShown && this.#measuring === adapter) this.norms = norms;
	}

	/** Drops checkpoints after a step: a run that resumes there makes its own. */
	cutAfter(step: number): void {
		const isKept = (kept: number): boolean => kept <= step;
		this.checkpoints = this.checkpoints.filter(isKept);
		this.#stored = this.#stored.filter(isKept);
		this.damaged = this.damaged.filter(({ step: at }) => isKept(at));
		for (const held of this.#held.keys()) if (!isKept(held)) this.#held.delete(held);
		if (this.#lastState !== null && !isKept(this.#lastState.step)) this.#lastState = null;
		if (this.selectedStep !== null && !isKept(this.selectedStep)) this.selectedStep = null;
		this.#keepNorms(this.measuredNorms.filter(({ step: at }) => isKept(at)));
	}

	#keepNorms(norms: readonly AdapterNorms[]): void {
		this.measuredNorms = norms;
		this.#measured = Symbol('norms');
	}

	/** Restores a stored run's checkpoints, and the norms that it measured. */
	restore(checkpoints: readonly number[], norms: readonly AdapterNorms[] = []): void {
		this.#keepNorms(norms);
		this.#held.clear();
		this.#lastState = null;
		this.#measuring = null;
		this.norms = null;
		this.selectedStep = null;
		this.damaged = [];
		this.unread = null;
		this.checkpoints = checkpoints;
		this.#stored = checkpoints;
	}

	clear(): void {
		this.restore([]);
	}
}

function missing(step: number): FormatError {
	return new FormatError(`The checkpoint of step ${step} is missing: the browser has no file for it.`, {
		code: 'checkpoint-missing',
		hint: 'Resume from an earlier checkpoint, or train again.',
		context: { step },
	});
}

function withStep(steps: readonly number[], step: number): readonly number[] {
	return [...new Set([...steps, step])].sort((a, b) => a - b);
}
