/**
 * Run: a recipe, the steps that it fills, the phases that fill them, and a player. Many runs can exist and be active at once; they
 * share the engines and the store. The phases are in phases/, the transport is in player.svelte.ts.
 */
import { fromWire, type WireError } from '#core/errors.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { Ancestor } from '#core/run/ancestry.ts';
import type { Noun } from '#core/pipeline.ts';
import { askedJudge, askedReviser } from '#core/recipe/askedModel.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { SharedWork } from '#core/recipe/sharedWork.ts';
import type { GridOfRun, MadeWith, RunOrigin, RunPhase, RunRecord } from '#core/run/run.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { ReviserConnection } from '../engines/reviserConnection.svelte.ts';
import { baseInTurns } from '../engines/engineTurns.ts';
import { PauseGate } from '../async/pauseGate.ts';
import type { AppPorts } from '../ports.ts';
import type { ImportedData } from '../recipe/importedData.svelte.ts';
import type { Asking } from '../steps/askRows.ts';
import { createSteps, type Steps } from '../steps/steps.ts';
import { describeFailure, type FailureText } from '../text/failure.ts';
import { statusOf, type RunStatus } from '../text/status.ts';
import type { Beginning } from '../recipe/beginChoice.svelte.ts';
import { Autosave } from './autosave.svelte.ts';
import { PhaseClock, type PhaseSeconds } from './phaseClock.ts';
import { RunChecks } from './checks/runChecks.svelte.ts';
import { Parent } from './parent.ts';
import { phaseOf } from './phases/registry.ts';
import { play } from './play.ts';
import { Player } from './player.svelte.ts';
import { type EarlierWork, NOTHING_REUSABLE, reusableOf, type Reusable } from './reuse.ts';
import { recordOf, restoreSteps } from './runRecord.ts';
import { RunModels } from './runModels.ts';
import { StepCursor } from './stepCursor.svelte.ts';
import { TrafficLog } from './trafficLog.svelte.ts';
import { JudgedWinRate } from './winRate.svelte.ts';

/** Parts that all runs share. */
export interface RunParts {
	ports: AppPorts;
	engines: Engines;
	reviser: ReviserConnection;
	imported: ImportedData;
}

interface Identity {
	id: string | null;
	name: string;
	createdAt: string;
	origin: RunOrigin | null;
	edition: number;
	grid?: GridOfRun | null;
	reusable?: Reusable;
	/** `parent` is null if it is stored with the run. */
	beginning?: { parent: Adapter | null; ancestry: readonly Ancestor[] } | null;
}

export interface ResumeOptions {
	/** Leaves out answers without a revision, and trains on the existing pairs. */
	skipUnasked?: boolean;
}

export class Run {
	readonly steps: Steps;
	/** The engines with this run's reference model as their base. */
	readonly models: RunModels;
	/** The adapter that this run begins from. */
	readonly parent: Parent;
	/** The runs that this one builds on, the first one first; empty if it begins from the base model. */
	readonly ancestry: readonly Ancestor[];
	readonly player: Player;
	readonly checks: RunChecks;
	/** The tuned model against the base, by a judge. */
	readonly winRate: JudgedWinRate;
	/** The step that the page shows. */
	readonly cursor: StepCursor;
	readonly createdAt: string;
	/** Where the run was made; null if in this browser. */
	readonly origin: RunOrigin | null;
	/** The grid that it belongs to; null if it was started by itself. */
	readonly grid: GridOfRun | null;
	readonly #parts: RunParts;
	readonly #recipe: () => Recipe;
	readonly clock: PhaseClock;
	readonly autosave: Autosave;
	/** Requests that left the page for this run. */
	readonly traffic: TrafficLog;
	/** The run's name at the engines. Unlike `id` it stays if the run becomes a copy. */
	readonly engineId: string;
	/** Work of another run that this one can reuse, until it has its data. */
	reusable: Reusable;
	/** Called when the run enters a phase. */
	onEnter: (phase: RunPhase) => void = () => undefined;

	/** Device, versions and file of a stored run until it is resumed here; else null. */
	madeElsewhere: MadeWith | null = $state.raw(null);
	/** Identity in the store; null for a preview. */
	id: string | null = $state(null);
	name: string = $state('');
	phase: RunPhase = $state('idle');
	/** Wall seconds by phase, as of the last change of phase. */
	seconds: PhaseSeconds = $state.raw({});
	failure: FailureText | null = $state.raw(null);
	/** An engine loss after which the run continued by itself, in one sentence; null if there was none. */
	interruption: string | null = $state(null);
	/** Work of another run that this one reuses. */
	reused: readonly SharedWork[] = $state.raw([]);
	/** True stops after revising, until `resume`: the user looks at the revisions first. */
	reviewFirst: boolean = $state(false);

	/** The step that works now, or null. */
	readonly working: Noun | null = $derived.by(() =>
		this.player.active ? (phaseOf(this.phase)?.noun ?? null) : null,
	);
	readonly totalSeconds: number = $derived(Object.values(this.seconds).reduce((sum, s) => sum + s, 0));
	/** Device and versions that made the run, and its file; those of this page if it is made here. */
	readonly madeWith: MadeWith = $derived.by(() => {
		const { engines, ports } = this.#parts;
		return this.madeElsewhere ?? { device: engines.device, versions: ports.versions };
	});
	readonly status: RunStatus = $derived.by(() => {
		const { engines, reviser } = this.#parts;
		return statusOf(this, engines.loading ?? reviser.loading);
	});

	private constructor(parts: RunParts, recipe: () => Recipe, identity: Identity) {
		const { ports, engines, imported } = parts;
		this.#parts = parts;
		this.#recipe = recipe;
		this.engineId = identity.id ?? '';
		this.id = identity.id;
		this.name = identity.name;
		this.createdAt = identity.createdAt;
		this.origin = identity.origin;
		this.grid = identity.grid ?? null;
		this.reusable = identity.reusable ?? NOTHING_REUSABLE;
		const runId = (): string | null => this.id;
		this.ancestry = identity.beginning?.ancestry ?? [];
		this.parent = new Parent(() => recipe().begin, runId, ports.store, identity.beginning?.parent ?? null);
		this.models = new RunModels(engines, recipe, this.parent);
		this.steps = createSteps({ recipe, runId, compute: this.models.compute, imported, ports });
		this.cursor = new StepCursor(this.steps, ports);
		this.steps.revision.onDecided = () => void this.save();
		this.steps.evaluation.headToHead.onDecided = () => void this.save();
		this.traffic = new TrafficLog(ports);
		this.clock = new PhaseClock(ports.clock);
		this.player = new Player({ loss: this.steps.loss, clock: this.clock, phase: () => this.phase });
		this.checks = new RunChecks({
			...{ recipe, compute: this.models.compute, clock: ports.clock },
			pairs: () => this.steps.pair.pairs,
			active: () => this.player.active,
			load: (model, signal) => engines.load(model, signal),
		});
		this.winRate = new JudgedWinRate({
			...{ recipe, runId, ports, reviser: parts.reviser, traffic: this.traffic },
			headToHead: this.steps.evaluation.headToHead,
			active: () => this.player.active,
			held: () => engines.held,
			save: () => this.save(),
			saveSometimes: () => this.autosave.saveSometimes(),
		});
		const becomeCopy = (id: string, name: string): void => {
			this.id = id;
			this.name = name;
		};
		const storeCheckpoints = async (all: boolean): Promise<void> => {
			await this.parent.store(all);
			await this.steps.adapter.storeHeld(all);
		};
		const kept = { id: runId, record: () => this.record(), becomeCopy, storeCheckpoints };
		this.autosave = new Autosave(ports, kept, identity.edition);
	}

	/** Preview of a run while its recipe is edited. It has no id, is not stored and never starts. */
	static preview(parts: RunParts, recipe: () => Recipe): Run {
		return new Run(parts, recipe, { id: null, name: '', createdAt: '', origin: null, edition: 0 });
	}

	/**
	 * A new run, to be started.
	 *
	 * @param name   shown in the bar and in the library
	 * @param before runs and sets whose work is reused if their part of the recipe is the same, the most important first
	 * @param beginning the adapter that the recipe names; null if it names none
	 * @param grid the grid that it belongs to; null if none
	 */
	static create(
		parts: RunParts,
		recipe: Recipe,
		name: string,
		before: readonly EarlierWork[] = [],
		beginning: Beginning | null = null,
		grid: GridOfRun | null = null,
	): Run {
		const { newId, clock } = parts.ports;
		const reusable = reusableOf(recipe, before);
		const fresh = { origin: null, edition: 0, grid, reusable, beginning };
		const identity = { id: newId(), name, createdAt: clock.date(), ...fresh };
		return new Run(parts, () => recipe, identity);
	}

	/** A stored run, to look at or to resume. @param parent the adapter that it begins from, if its file has it */
	static open(parts: RunParts, record: RunRecord, parent: Adapter | null = null): Run {
		const { id, name, createdAt, origin = null, edition = 0, grid = null } = record;
		const { recipe, phase, seconds, failure } = record;
		const beginning = { parent, ancestry: record.ancestry ?? [] };
		const run = new Run(parts, () => recipe, { id, name, createdAt, origin, edition, grid, beginning });
		restoreSteps(record, run.steps);
		run.traffic.restore(record.sent);
		const { device, versions, source } = record;
		run.madeElsewhere = { device, versions, ...(source === undefined ? {} : { source }) };
		run.phase = phase;
		run.clock.restore(seconds);
		run.seconds = seconds;
		run.failure = failure === null ? null : describeFailure(fromWire(failure), phase, run.steps);
		run.player.end(phase === 'done' ? 'done' : run.failure === null ? 'stopped' : 'failed');
		return run;
	}

	get recipe(): Recipe {
		return this.#recipe();
	}

	/** Why the run or its last checkpoint could not be written to the store, or null. The run continues in memory. */
	get unsaved(): WireError | null {
		return this.autosave.unsaved;
	}

	/** The newer run in the store, if another tab changed it and this run became a copy; else null. */
	get overtakenBy(): { id: string; name: string } | null {
		return this.autosave.overtakenBy;
	}

	/** Runs a new run from its start. Settles when it ends in any way; never throws, see `failure`. */
	async start(): Promise<void> {
		if (this.id !== null && this.player.transport === 'idle') await this.#play(false);
	}

	/** Continues: at once after a pause; else does the missing work after a stop, a failure, a review, or a reload. */
	async resume({ skipUnasked = false }: ResumeOptions = {}): Promise<void> {
		const { transport } = this.player;
		if (transport === 'paused') this.player.resume();
		if (this.player.active || transport === 'idle') return;
		if (transport === 'review') this.reviewFirst = false;
		await this.#play(skipUnasked);
	}

	/** The run as a record for the store; null for a preview. */
	record(): RunRecord | null {
		const { id, recipe, name, createdAt, origin, grid, ancestry, phase, traffic } = this;
		if (id === null) return null;
		const failure = this.failure?.error ?? null;
		const { edition } = this.autosave;
		const { seconds } = this.clock;
		const facts = {
			...{ id, edition, name, createdAt, origin, grid, recipe, ancestry },
			...{ phase, seconds, failure, traffic },
		};
		return recordOf({ ...facts, ...this.madeWith }, this.steps);
	}

	/** Writes the run to the store: at a phase's end, after a decision or a new name. Never throws; see `unsaved`. */
	save(): Promise<void> {
		return this.autosave.save();
	}

	async rename(name: string): Promise<void> {
		if (name.trim() === '') return;
		this.name = name.trim();
		await this.autosave.rename(this.name);
	}

	/** The adapter to ask with: the chosen checkpoint, else while training the adapter of the last step, else the last checkpoint. */
	async currentAdapter(): Promise<Adapter | null> {
		const { adapter, loss } = this.steps;
		if (loss.active && adapter.selectedStep === null)
			return this.models.compute.currentAdapter(this.engineId);
		return adapter.shownStep === null ? null : adapter.read(adapter.shownStep);
	}

	/** Asks the model once more for one row's answer. A failure stays with the row. */
	async retryOutput(id: string): Promise<void> {
		const { engines } = this.#parts;
		await engines.tryLoad(this.recipe.model);
		const { target } = this.models;
		if (target === null) return;
		const model = baseInTurns(target, engines.turns);
		await this.steps.output.retry(id, model, new AbortController().signal);
		await this.save();
	}

	/** Asks the reviser once more about one row. A failure stays with the row. */
	async retryRevision(id: string): Promise<void> {
		const model = this.#parts.reviser.model(askedReviser(this.recipe), this.traffic);
		await this.steps.revision.askAgain(id, model, new AbortController().signal);
	}

	/** Asks the judge once more about one row. A failure stays with the row. */
	async retryJudgement(id: string): Promise<void> {
		const model = this.#parts.reviser.model(askedJudge(this.recipe), this.traffic);
		await this.steps.judgement.retry(id, model, this.#single());
		await this.save();
	}

	/** Asks another model once more for one answer. A failure stays with the row. */
	async retryAnswer(id: string): Promise<void> {
		const { reviser } = this.#parts;
		await this.steps.answer.retry(
			id,
			(asked, work) => work(reviser.model(asked, this.traffic)),
			this.#single(),
		);
		await this.save();
	}

	/** For single requests outside of the phases. */
	#single(): Omit<Asking, 'atOnce'> {
		return { gate: new PauseGate(), signal: new AbortController().signal };
	}

	#play(skipUnasked: boolean): Promise<void> {
		return play(this, this.#parts, { skipUnasked });
	}
}
