/**
 * Loop: one run from prompts to held-out scores. It drives the steps in order, keeps what is done at every phase's end, and
 * can be paused, stopped and gone on with at any point. The phases themselves are in phases.ts, the words in text/status.ts.
 */
import { asAppError, Cancelled, fromWire, type AppError, type WireError } from '#core/errors.ts';
import type { Noun } from '#core/pipeline.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunOrigin, RunPhase, RunRecord } from '#core/run/run.ts';
import { describeFailure, type FailureText } from '../text/failure.ts';
import { yieldToPage } from '../async/yieldToPage.ts';
import { progressFigures } from '../text/progress.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import { PauseGate } from '../async/pauseGate.ts';
import { PhaseClock, type PhaseSeconds } from './phaseClock.ts';
import type { PhaseContext } from './phaseContext.ts';
import { runLocked } from './runLocked.ts';
import { isEngineLoss } from '../engines/engineLoss.ts';
import { Autosave } from './autosave.svelte.ts';
import { progressFingerprint, runPhases, type PhasesEnd } from './phases.ts';
import type { AppPorts } from '../ports.ts';
import { leftoversFor, leftoversOn, type Reused } from './reuse.ts';
import type { ReviserConnection } from '../engines/reviserConnection.svelte.ts';
import { clearSteps, recordOf, restoreSteps } from './runRecord.ts';
import type { Figure } from '../steps/stepSummary.ts';
import type { Steps } from '../steps/steps.ts';
import { drawData } from './drawData.ts';
import { lossSentence, statusSentence } from '../text/status.ts';

/**
 * What the transport shows. `idle`: Run the loop · `running`: Pause, Step, Stop · `paused`: Go on, Step, Stop ·
 * `stopped`: Go on, or change one thing · `review`: Train (the loop waits for the person to look at the revisions) ·
 * `done`: Change one thing, run again · `failed`: the repair of `failure`.
 */
export type Transport = 'idle' | 'running' | 'paused' | 'stopped' | 'review' | 'done' | 'failed';

/** The strip "now": one sentence, and the clock's figures (step, pace, time left) in order. */
export interface RunStatus {
	sentence: string;
	clock: readonly Figure[];
}

const NOUN_OF_PHASE: Readonly<Record<RunPhase, Noun | null>> = {
	idle: null,
	loading: 'prompt',
	sampling: 'output',
	revising: 'revision',
	'evaluating-before': 'evaluation',
	training: 'loss',
	'evaluating-after': 'evaluation',
	done: null,
};

/** `without-the-rest`: what has no revision yet is left out, and training begins with what came. */
export type GoOn = 'whole' | 'without-the-rest';

export interface LoopParts {
	ports: AppPorts;
	engines: Engines;
	reviser: ReviserConnection;
}

export class Loop {
	readonly #gate = new PauseGate();
	readonly #parts: LoopParts;
	readonly #clock: PhaseClock;
	readonly #keeper: Autosave;
	#abort: AbortController | null = null;
	#how: GoOn = 'whole';
	/** The person stopped training and wants nothing of it kept. */
	#discard = false;
	/** Where the steps are: made after the loop, because they read its recipe. */
	#steps: Steps | null = null;

	transport: Transport = $state('idle');
	phase: RunPhase = $state('idle');
	/** Identity of the run on the bench; null before any. */
	runId: string | null = $state(null);
	name: string = $state('');
	createdAt: string = $state('');
	/** Where the run on the bench came from; null where it was made in this browser. */
	origin: RunOrigin | null = $state(null);
	/** What a stored run was made with, until it goes on here. */
	#made: Pick<RunRecord, 'device' | 'versions'> | null = $state.raw(null);
	/** The recipe of the run on the bench; null before any. */
	recipe: Recipe | null = $state.raw(null);
	/** Wall seconds by phase, as of the last change of phase. */
	seconds: PhaseSeconds = $state.raw({});
	failure: FailureText | null = $state.raw(null);
	/** A loss that the run went on after, in one sentence; null when there was none. */
	interruption: string | null = $state(null);
	/** What this run took over from the one before. */
	reused: readonly Reused[] = $state.raw([]);
	/** True stops after revising, until `goOn`: the person looks at the revisions first. */
	reviewFirst: boolean = $state(false);

	/** The station that works now; null when none does. */
	readonly working: Noun | null = $derived(
		this.transport === 'running' || this.transport === 'paused' ? NOUN_OF_PHASE[this.phase] : null,
	);
	/** True while anything is under way, paused or not. */
	readonly active: boolean = $derived(this.transport === 'running' || this.transport === 'paused');
	/** True while a single step makes sense: training. */
	readonly canStep: boolean = $derived(this.working === 'loss');
	readonly totalSeconds: number = $derived(Object.values(this.seconds).reduce((sum, s) => sum + s, 0));
	/** Device and versions that made the run on the bench; those of this page where it is made here. */
	readonly madeWith: Pick<RunRecord, 'device' | 'versions'> = $derived.by(() => {
		const { engines, ports } = this.#parts;
		return this.#made ?? { device: engines.device, versions: ports.versions };
	});
	readonly status: RunStatus = $derived.by(() => this.#status());

	constructor(parts: LoopParts) {
		this.#parts = parts;
		this.#clock = new PhaseClock(parts.ports.clock);
		this.#keeper = new Autosave(parts.ports, {
			id: () => this.runId,
			record: () => this.record(),
			becomeCopy: (id, name) => {
				this.runId = id;
				this.name = name;
			},
		});
	}

	/** Why the run or its last checkpoint could not be written to the store; null while they can. It goes on in memory. */
	get unsaved(): WireError | null {
		return this.#keeper.unsaved;
	}

	/** The newer run in the store, where another tab changed the one on the bench and this is a copy now; else null. */
	get overtakenBy(): { id: string; name: string } | null {
		return this.#keeper.overtakenBy;
	}

	/** Hands in the steps; called once by the session. */
	attach(steps: Steps): void {
		this.#steps = steps;
		steps.revision.onDecided = () => void this.save();
	}

	/**
	 * A new run of a recipe. What the run before made is taken over where the recipe's part is the same.
	 *
	 * @param name shown in the bar and on the shelf
	 */
	async run(recipe: Recipe, name: string): Promise<void> {
		if (this.active || this.#steps === null) return;
		const steps = this.#steps;
		this.#how = 'whole';
		const before = leftoversFor(recipe, this.recipe, steps);
		clearSteps(steps);
		const { ports } = this.#parts;
		this.runId = ports.newId();
		this.name = name;
		this.createdAt = ports.clock.date();
		this.recipe = recipe;
		this.reused = [];
		this.origin = null;
		this.#keeper.take(0);
		this.phase = 'idle';
		this.#clock.restore({});
		await this.#drive(() => {
			drawData(recipe, steps);
			const leftovers = leftoversOn(before, steps.prompt.prompts, steps.prompt.heldOut);
			this.reused = leftovers.reused;
			if (recipe.pairs.method === 'clair') {
				steps.output.prepare(steps.prompt.prompts, leftovers.outputs);
				steps.revision.prepare(steps.output.outputs, leftovers.revisions);
			}
			steps.evaluation.restore(leftovers.heldOut);
		});
	}

	/** Goes on where the run on the bench stands: after a stop, a failure, a review, or a reload. */
	async goOn(how: GoOn = 'whole'): Promise<void> {
		if (this.active || this.runId === null) return;
		this.#how = how;
		if (this.transport === 'review') this.reviewFirst = false;
		await this.#drive(() => undefined);
	}

	/** What is under way is finished, then the loop waits. */
	pause(): void {
		if (this.transport !== 'running') return;
		this.transport = 'paused';
		this.#gate.close();
		this.#steps?.loss.pause();
		this.#clock.stop();
	}

	resume(): void {
		if (this.transport !== 'paused') return;
		this.transport = 'running';
		this.#clock.enter(this.phase);
		this.#gate.open();
		this.#steps?.loss.resume();
	}

	/** One training step, then paused again. */
	stepOnce(): void {
		if (!this.canStep) return;
		this.pause();
		this.#steps?.loss.stepOnce();
		// The step comes after the scoring that training waits for, so that has to go on; see trainPhase.
		if (this.#steps?.loss.held === true) this.#gate.open();
	}

	/**
	 * Ends what is under way; the run can go on later. While training, `keep` says whether the adapter so far is kept; in
	 * other phases what is done is always kept.
	 */
	stop(keep = true): void {
		if (!this.active) return;
		this.#discard = !keep && this.phase === 'training';
		if (this.#discard) this.#steps?.loss.stop(false);
		this.#abort?.abort();
		this.#gate.open();
	}

	/** Puts a stored run on the bench, to look at or to go on with. */
	open(record: RunRecord): void {
		if (this.active || this.#steps === null) return;
		// The steps read the recipe, so it comes first.
		this.recipe = record.recipe;
		restoreSteps(record, this.#steps);
		this.runId = record.id;
		this.#keeper.take(record.edition ?? 0);
		this.name = record.name;
		this.createdAt = record.createdAt;
		this.origin = record.origin ?? null;
		this.#made = { device: record.device, versions: record.versions };
		this.phase = record.phase;
		this.reused = [];
		this.interruption = null;
		this.#clock.restore(record.seconds);
		this.seconds = record.seconds;
		this.failure =
			record.failure === null ? null : describeFailure(fromWire(record.failure), record.phase, this.#steps);
		this.transport = record.phase === 'done' ? 'done' : this.failure === null ? 'stopped' : 'failed';
	}

	/** The run on the bench as it would be stored; null before any. */
	record(): RunRecord | null {
		const { runId: id, recipe, name, createdAt, origin, phase } = this;
		if (id === null || recipe === null || this.#steps === null) return null;
		const failure = this.failure?.error ?? null;
		const { edition } = this.#keeper;
		const { seconds } = this.#clock;
		const facts = { id, edition, name, createdAt, origin, recipe, phase, seconds, failure, ...this.madeWith };
		return recordOf(facts, this.#steps);
	}

	/** Writes the run to the store: at a phase's end, after a decision or a new name. Never throws; see `unsaved`. */
	save(): Promise<void> {
		return this.#keeper.save();
	}

	/** Gives the run on the bench another name. */
	async rename(name: string): Promise<void> {
		if (name.trim() === '') return;
		this.name = name.trim();
		await this.#keeper.rename(this.name);
	}

	async #drive(begin: () => void): Promise<void> {
		if (this.#steps === null) return;
		const { failure, transport } = this;
		const abort = new AbortController();
		this.#abort = abort;
		this.#gate.open();
		this.#discard = false;
		this.failure = null;
		this.transport = 'running';
		let release: (() => void) | null = null;
		try {
			// The press of the button is seen before the work begins.
			await yieldToPage();
			release = await this.#hold();
			if (!(await this.#keeper.isNewest())) {
				// What came of it elsewhere may be what the person wants to go on with.
				this.failure = failure;
				this.transport = transport;
				return;
			}
			this.interruption = null;
			this.#made = null;
			begin();
			const end = await this.#phases(this.#steps, abort.signal);
			this.#settle(end === 'training-stopped' ? 'stopped' : end);
		} catch (thrown) {
			const error = asAppError(thrown);
			if (abort.signal.aborted || error instanceof Cancelled) this.#settle('stopped');
			else await this.#fail(error, this.#steps);
		} finally {
			this.#abort = null;
			if (release !== null) await this.save();
			release?.();
		}
	}

	/** @throws AppError `run-elsewhere` while another tab works on this run */
	async #hold(): Promise<() => void> {
		const release = await this.#parts.ports.locks.hold(this.runId ?? '');
		if (release !== null) return release;
		throw runLocked(this.name);
	}

	/** Runs the phases, and takes them up again with new engines where one was lost; twice at the same place it is a failure. */
	async #phases(steps: Steps, signal: AbortSignal): Promise<PhasesEnd> {
		for (let lostAt: string | null = null; ;) {
			try {
				return await runPhases(this.#context(steps, signal));
			} catch (error) {
				const place = progressFingerprint(this.phase, steps);
				if (!isEngineLoss(error) || signal.aborted || place === lostAt) throw error;
				lostAt = place;
				this.interruption = lossSentence(this.phase, steps);
				await this.save();
				await this.#parts.engines.unload();
			}
		}
	}

	#settle(transport: Transport): void {
		this.#stopClock();
		if (this.#discard && this.#steps !== null) {
			this.#steps.loss.clear();
			this.#steps.adapter.clear();
			this.#steps.evaluation.cutAfter(0);
			this.#steps.pair.release();
		}
		this.transport = transport;
	}

	async #fail(error: AppError, steps: Steps): Promise<void> {
		this.#stopClock();
		this.failure = describeFailure(error, this.phase, steps);
		this.transport = 'failed';
		// A lost device or a dead worker answers nothing more: the next try begins with new engines.
		if (error.kind === 'device' || error.code === 'worker-crashed') await this.#parts.engines.unload();
	}

	#context(steps: Steps, signal: AbortSignal): PhaseContext {
		const { recipe, runId } = this;
		if (recipe === null || runId === null) throw new Cancelled();
		return {
			...this.#parts,
			recipe,
			runId,
			steps,
			signal,
			gate: this.#gate,
			enter: (phase) => this.#enter(phase),
			save: () => this.save(),
			saveSometimes: () => this.#keeper.saveSometimes(),
			checkpointSaved: (error) => this.#keeper.checkpointSaved(error),
			reviewFirst: () => this.reviewFirst,
			reviseTheRest: this.#how === 'whole',
		};
	}

	#enter(phase: RunPhase): void {
		this.phase = phase;
		if (phase === 'done') this.#clock.stop();
		else if (this.transport === 'running') this.#clock.enter(phase);
		this.seconds = this.#clock.seconds;
		// A tab closed from now on is offered again in this phase; loading is saved when it is through.
		if (phase !== 'loading') void this.save();
	}

	#stopClock(): void {
		this.#clock.stop();
		this.seconds = this.#clock.seconds;
	}

	#status(): RunStatus {
		const { recipe, transport, phase, failure } = this;
		if (recipe === null || this.#steps === null) return { sentence: '', clock: [] };
		const figures = { totalSeconds: this.totalSeconds, loading: this.#parts.engines.loading };
		const sentence = statusSentence({ recipe, transport, phase, failure, steps: this.#steps });
		return { sentence, clock: progressFigures(phase, this.#steps, figures) };
	}
}
