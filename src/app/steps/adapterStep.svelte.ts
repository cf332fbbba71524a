/** Adapter: the checkpoints of a run, the selected one, and how strongly each layer and projection moved. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { RunStore, TrainerState } from '#core/ports.ts';
import type { Recipe, TargetModule } from '#core/recipe/recipe.ts';
import { measureNorms, type AdapterNorms } from './adapterNorms.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';

/** Checkpoints held in memory; older ones are read from the store on demand. */
const HELD = 8;

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
	#stored: readonly number[] = [];

	/** Steps that have a checkpoint, ascending. */
	checkpoints: readonly number[] = $state.raw([]);
	/** The checkpoint that the adapter view shows and the chat uses; null means the latest. */
	selectedStep: number | null = $state(null);
	/** ‖scaling·B·A‖ by layer and projection of the shown checkpoint: the heat map. Null before training. */
	norms: AdapterNorms | null = $state.raw(null);

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
		this.hold(adapter);
		if (state !== null) this.#lastState = state;
		this.checkpoints = withStep(this.checkpoints, adapter.step);
		const runId = this.#sources.runId();
		if (runId === null) return;
		await this.#store.writeCheckpoint(runId, adapter, state);
		this.#stored = withStep(this.#stored, adapter.step);
	}

	/** Shows an adapter's norms and keeps it in memory, without storing it. */
	hold(adapter: Adapter): void {
		if (this.selectedStep === null) void this.#measure(adapter);
		this.#held.delete(adapter.step);
		this.#held.set(adapter.step, adapter);
		const oldest = this.#held.keys().next().value;
		if (this.#held.size > HELD && oldest !== undefined) this.#held.delete(oldest);
	}

	/** The adapter of a checkpoint, from memory or the store; null if there is none. */
	async read(step: number): Promise<Adapter | null> {
		return this.#held.get(step) ?? (await this.#readStored(step))?.adapter ?? null;
	}

	/** The trainer's state at a checkpoint; null if it was not stored. */
	async readState(step: number): Promise<TrainerState | null> {
		if (this.#lastState?.step === step) return this.#lastState;
		return (await this.#readStored(step))?.state ?? null;
	}

	/** Steps whose checkpoint survives a reload. */
	get stored(): readonly number[] {
		return this.#stored;
	}

	async #readStored(step: number) {
		const runId = this.#sources.runId();
		return runId === null ? null : await this.#store.readCheckpoint(runId, step);
	}

	/** Selects the checkpoint for norms and side by side. Null selects the latest. */
	async select(step: number | null): Promise<void> {
		this.selectedStep = step;
		const shown = this.shownStep;
		const adapter = shown === null ? null : await this.read(shown);
		if (adapter !== null && this.shownStep === shown) await this.#measure(adapter);
	}

	/** Publishes the norms only if no other adapter was requested in the meantime. */
	async #measure(adapter: Adapter): Promise<void> {
		this.#measuring = adapter;
		const norms = await measureNorms(adapter);
		if (this.#measuring === adapter) this.norms = norms;
	}

	/** Drops checkpoints after a step: a run that resumes there makes its own. */
	cutAfter(step: number): void {
		const isKept = (kept: number): boolean => kept <= step;
		this.checkpoints = this.checkpoints.filter(isKept);
		this.#stored = this.#stored.filter(isKept);
		for (const held of this.#held.keys()) if (!isKept(held)) this.#held.delete(held);
		if (this.#lastState !== null && !isKept(this.#lastState.step)) this.#lastState = null;
		if (this.selectedStep !== null && !isKept(this.selectedStep)) this.selectedStep = null;
	}

	/** Restores a stored run's checkpoints. */
	restore(checkpoints: readonly number[]): void {
		this.#held.clear();
		this.#lastState = null;
		this.#measuring = null;
		this.norms = null;
		this.selectedStep = null;
		this.checkpoints = checkpoints;
		this.#stored = checkpoints;
	}

	clear(): void {
		this.restore([]);
	}
}

function withStep(steps: readonly number[], step: number): readonly number[] {
	return [...new Set([...steps, step])].sort((a, b) => a - b);
}
