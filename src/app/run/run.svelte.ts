/**
 * Run: a recipe, the steps that it fills, the phases that fill them, and a player. Many runs can exist and be active at once; they
 * share the engines and the store. The phases are in phases/, the transport is in player.svelte.ts.
 */
import { fromWire, type WireError } from '#core/errors.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { Noun } from '#core/pipeline.ts';
import { askedJudge, askedReviser } from '#core/recipe/askedModel.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunOrigin, RunPhase, RunRecord } from '#core/run/run.ts';
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
import { Autosave } from './autosave.svelte.ts';
import { PhaseClock, type PhaseSeconds } from './phaseClock.ts';
import { phaseOf } from './phases/registry.ts';
import { play } from './play.ts';
import { Player } from './player.svelte.ts';
import { NOTHING_REUSABLE, reusableOf, type Reusable, type Reused } from './reuse.ts';
import { recordOf, restoreSteps } from './runRecord.ts';
import { TrafficLog } from './trafficLog.svelte.ts';

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
	reusable?: Reusable;
}

export interface ResumeOptions {
	/** Leaves out answers without a revision, and trains on the existing pairs. */
	skipUnasked?: boolean;
}

export class Run {
	readonly steps: Steps;
	readonly player: Player;
	readonly createdAt: string;
	/** Where the run was made; null if in this browser. */
	readonly origin: RunOrigin | null;
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

	/** Device and versions of a stored run until it is resumed here; else null. */
	madeElsewhere: Pick<RunRecord, 'device' | 'versions'> | null = $state.raw(null);
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
	reused: readonly Reused[] = $state.raw([]);
	/** True stops after revising, until `resume`: the user looks at the revisions first. */
	reviewFirst: boolean = $state(false);

	/** The step that works now, or null. */
	readonly working: Noun | null = $derived.by(() =>
		this.player.active ? (phaseOf(this.phase)?.noun ?? null) : null,
	);
	readonly totalSeconds: number = $derived(Object.values(this.seconds).reduce((sum, s) => sum + s, 0));
	/** Device and versions that made the run; those of this page if it is made here. */
	readonly madeWith: Pick<RunRecord, 'device' | 'versions'> = $derived.by(() => {
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
		this.reusable = identity.reusable ?? NOTHING_REUSABLE;
		const runId = (): string | null => this.id;
		this.steps = createSteps({ recipe, runId, compute: engines.compute, imported, ports });
		this.steps.revision.onDecided = () => void this.save();
		this.traffic = new TrafficLog(ports);
		this.clock = new PhaseClock(ports.clock);
		this.player = new Player({ loss: this.steps.loss, clock: this.clock, phase: () => this.phase });
		const becomeCopy = (id: string, name: string): void => {
			this.id = id;
			this.name = name;
		};
		const storeCheckpoints = (all: boolean): Promise<void> => this.steps.adapter.storeHeld(all);
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
	 * @param before its work is reused if its part of the recipe is the same
	 */
	static create(parts: RunParts, recipe: Recipe, name: string, before: Run | null = null): Run {
		const { newId, clock } = parts.ports;
		const reusable = before === null ? NOTHING_REUSABLE : reusableOf(recipe, before);
		const identity = { id: newId(), name, createdAt: clock.date(), origin: null, edition: 0, reusable };
		return new Run(parts, () => recipe, identity);
	}

	/** A stored run, to look at or to resume. */
	static open(parts: RunParts, record: RunRecord): Run {
		const { id, name, createdAt, origin = null, edition = 0, recipe, phase, seconds, failure } = record;
		const run = new Run(parts, () => recipe, { id, name, createdAt, origin, edition });
		restoreSteps(record, run.steps);
		run.traffic.restore(record.sent);
		run.madeElsewhere = { device: record.device, versions: record.versions };
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
		const { id, recipe, name, createdAt, origin, phase, traffic } = this;
		if (id === null) return null;
		const failure = this.failure?.error ?? null;
		const { edition } = this.autosave;
		const { seconds } = this.clock;
		const facts = { id, edition, name, createdAt, origin, recipe, phase, seconds, failure, traffic };
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
			return this.#parts.engines.compute.currentAdapter(this.engineId);
		return adapter.shownStep === null ? null : adapter.read(adapter.shownStep);
	}

	/** Asks the model once more for one row's answer. A failure stays with the row. */
	async retryOutput(id: string): Promise<void> {
		const { engines } = this.#parts;
		await engines.tryLoad(this.recipe.model);
		if (engines.target === null) return;
		const model = baseInTurns(engines.target, engines.turns);
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
