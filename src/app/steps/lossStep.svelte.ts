/**
 * Loss: the training run as the page sees it. Folds the worker's events into readable state, once per frame. Holds no tensors.
 *
 * Phases: idle → preparing → running ⇄ paused → done | stopped | failed. The lists of measurements grow in place, so that a step
 * costs the same at every length of the run; readers are notified at each publication.
 */
import { fromWire, type WireError } from '#core/errors.ts';
import type { PairRewards, StepMetrics } from '#core/loss/metrics.ts';
import { smooth, SMOOTHING } from '#core/math/smooth.ts';
import { titleOf } from '#core/loss/objectives/forSettings.ts';
import type {
	ComputeEngine,
	Progress,
	TrainControl,
	TrainEvent,
	TrainJob,
	TrainPlan,
	TrainerState,
} from '#core/ports.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { TrailPoint } from '#core/run/run.ts';
import { FrameBatcher } from '../async/frameBatcher.ts';
import type { AppPorts } from '../ports.ts';
import { figure, type Figure, type StepSummary, type StepState } from './stepSummary.ts';
import { momentAt, type TrainingMoment } from './trainingMoment.ts';
import { TrainingHistory, type MetricName, type RewardCourse } from './trainingHistory.ts';

export type TrainPhase = 'idle' | 'preparing' | 'running' | 'paused' | 'done' | 'stopped' | 'failed';

/** The step and the pairs at which training failed. */
export interface TrainFailure {
	error: WireError;
	step: number;
	pairIds: readonly string[];
}

/** The loss and margin of the untrained adapter, and the loss that the objective has there. */
export interface StepZeroCheck {
	loss: number;
	expectedLoss: number;
	margin: number;
}

/** Called at each of the trainer's checkpoints, in order. */
export type OnCheckpoint = (step: number, adapter: Adapter, state: TrainerState) => void;

/** How a training run ended. `failed` is thrown. */
export interface TrainOutcome {
	kind: 'done' | 'stopped';
	/** Null if training was stopped and discarded. */
	adapter: Adapter | null;
	state: TrainerState | null;
}

/** The pace is the mean time of this many steps. */
const PACE_STEPS = 16;

export class LossStep implements StepSummary {
	readonly noun = 'loss';
	readonly #recipe: () => Recipe;
	readonly #compute: ComputeEngine;
	readonly #fold: FrameBatcher;
	#control: TrainControl | null = null;
	#held = false;
	#wantsPause = false;
	/** Single steps requested while training waited for a score. */
	#owedSteps = 0;
	/** The first stop counts. */
	#stopping = false;
	#measured = new TrainingHistory();
	/** Replaced at each publication, because the history in it grows without a new identity. */
	#published: { history: TrainingHistory } = $state.raw({ history: this.#measured });

	phase: TrainPhase = $state('idle');
	/** Progress before step 1: tokens, reference log-probabilities, pipelines. */
	preparation: Progress | null = $state.raw(null);
	plan: TrainPlan | null = $state.raw(null);
	stepZero: StepZeroCheck | null = $state.raw(null);
	failure: TrainFailure | null = $state.raw(null);

	readonly latest: StepMetrics | null = $derived(this.history.at(-1) ?? null);
	/** Steps done; 0 before the first. */
	readonly step: number = $derived(this.latest?.step ?? 0);
	readonly steps: number = $derived.by(() => this.#recipe().training.steps);
	readonly active: boolean = $derived(
		this.phase === 'preparing' || this.phase === 'running' || this.phase === 'paused',
	);
	/** Mean of the last steps, as the trainer timed them; null before the first. */
	readonly secondsPerStep: number | null = $derived(meanSeconds(this.history.slice(-PACE_STEPS)));
	/** Null before the first step and while no training is active. */
	readonly secondsLeft: number | null = $derived(
		this.active && this.secondsPerStep !== null
			? this.secondsPerStep * Math.max(0, this.steps - this.step)
			: null,
	);
	readonly progress: number = $derived(Math.min(1, this.step / this.steps));
	readonly state: StepState = $derived.by(() => {
		if (this.phase === 'failed') return 'failed';
		if (this.phase === 'done') return 'done';
		if (this.phase === 'preparing' || this.phase === 'running') return 'running';
		return this.step === 0 ? 'empty' : 'partial';
	});
	readonly figure: Figure = $derived.by(() => {
		const { objective } = this.#recipe();
		const first = this.history[0];
		if (this.latest === null || first === undefined) return figure(titleOf(objective));
		if (this.failure !== null) return figure(`**stopped at step ${this.failure.step}**`);
		// Smoothed like the curves, so that both show one number.
		const loss = smooth(this.column('loss'), SMOOTHING).at(-1) ?? this.latest.loss;
		return figure(`**${loss.toFixed(2)}** from ${first.loss.toFixed(2)}`);
	});

	constructor(recipe: () => Recipe, compute: ComputeEngine, ports: Pick<AppPorts, 'clock' | 'frame'>) {
		this.#recipe = recipe;
		this.#compute = compute;
		this.#fold = new FrameBatcher(ports.frame, () => this.#publish());
	}

	/** One entry per step, in order. */
	get history(): readonly StepMetrics[] {
		return this.#published.history.metrics;
	}

	/** Rewards of each pair at each step that measured it, in step order. */
	get trails(): readonly TrailPoint[] {
		return this.#published.history.points;
	}

	/** Rewards of each pair when last measured, by pair id. */
	get positions(): ReadonlyMap<string, TrailPoint> {
		return this.#published.history.positions;
	}

	/** Distance from 0 of each pair's furthest reward at any step, by pair id. */
	get reaches(): ReadonlyMap<string, number> {
		return this.#published.history.reaches;
	}

	/** The pairs of the latest step. */
	get batch(): readonly PairRewards[] {
		return this.#published.history.batch;
	}

	/** The x values of all metrics: updates before each measurement. */
	get updates(): readonly number[] {
		return this.#published.history.updates;
	}

	/** One metric of all steps, in order. */
	column(name: MetricName): readonly number[] {
		return this.#published.history.column(name);
	}

	/** Rewards of one pair over time; null if no step measured it. A new object at each call, so that readers see its lists grow. */
	courseOf(pairId: string): RewardCourse | null {
		const course = this.#published.history.courseOf(pairId);
		return course === null ? null : { ...course };
	}

	/** The training as it was after some updates; see `TrainingMoment`. */
	at(updates: number): TrainingMoment {
		return momentAt(this.#published.history, updates);
	}

	/**
	 * Trains to the end, a stop, or a failure. With `job.resume`, first drops all measurements after that step.
	 *
	 * @throws the trainer's AppError on failure; `failure` holds it too
	 */
	async train(job: TrainJob, onCheckpoint: OnCheckpoint = () => undefined): Promise<TrainOutcome> {
		this.#cutAfter(job.resume?.step ?? 0);
		this.phase = 'preparing';
		this.#held = false;
		this.#stopping = false;
		this.#owedSteps = 0;
		this.#wantsPause = job.startPaused;
		this.failure = null;
		this.preparation = null;
		let outcome: TrainOutcome | null = null;
		const control = this.#compute.train(job, (event) => {
			outcome = this.#apply(event, onCheckpoint, job.startPaused) ?? outcome;
		});
		this.#control = control;
		try {
			await control.finished;
		} finally {
			this.#control = null;
			this.#publish();
		}
		return this.#conclude(outcome);
	}

	/** True while training waits for a score. */
	get held(): boolean {
		return this.#held;
	}

	/** True from a pause by the user, single steps included, until the user resumes. */
	get wantsPause(): boolean {
		return this.#wantsPause;
	}

	/** Finishes the current step, then waits. */
	pause(): void {
		this.#wantsPause = true;
		if (this.#held) this.phase = 'paused';
		else this.#control?.pause();
	}

	resume(): void {
		this.#wantsPause = false;
		if (this.#held) this.phase = 'running';
		else this.#control?.resume();
	}

	/** Takes one step, then pauses again. */
	stepOnce(): void {
		this.#wantsPause = true;
		if (this.#held) this.#owedSteps++;
		else this.#control?.step();
	}

	/** Ends training. @param keep true keeps the adapter of the last step, false discards it */
	stop(keep: boolean): void {
		if (this.#stopping || this.#control === null) return;
		this.#stopping = true;
		this.#control.stop(keep);
	}

	/** Makes training wait while the loop scores the adapter. The page does not show this as a pause. */
	hold(): void {
		this.#held = true;
		this.#control?.pause();
	}

	/** Resumes training unless the user paused it in the meantime. */
	release(): void {
		this.#held = false;
		if (!this.#wantsPause) this.#control?.resume();
		for (; this.#owedSteps > 0; this.#owedSteps--) if (this.#wantsPause) this.#control?.step();
	}

	/** Restores the measurements of a stored run. */
	restore(
		metrics: readonly StepMetrics[],
		trails: readonly TrailPoint[],
		plan: TrainPlan | null,
		phase: TrainPhase,
	): void {
		this.#measured = TrainingHistory.of(metrics, trails);
		this.plan = plan;
		this.phase = phase;
		this.failure = null;
		this.stepZero = null;
		this.#publish();
	}

	clear(): void {
		this.restore([], [], null, 'idle');
	}

	/** Applies one event; an event that ends training without a failure gives the outcome. */
	#apply(event: TrainEvent, onCheckpoint: OnCheckpoint, startPaused: boolean): TrainOutcome | null {
		if (event.type === 'done' || event.type === 'stopped') {
			this.phase = event.type;
			this.#recordPeak(event.peakBytes);
			return { kind: event.type, adapter: event.adapter, state: event.state };
		}
		if (event.type === 'step') this.#addStep(event.metrics, event.batch);
		else if (event.type === 'checkpoint') onCheckpoint(event.step, event.adapter, event.state);
		else this.#applyRare(event, startPaused);
		return null;
	}

	/** Records the measured peak memory next to the estimate. */
	#recordPeak(peakBytes: number): void {
		if (this.plan?.memory !== undefined)
			this.plan = { ...this.plan, memory: { ...this.plan.memory, peakBytes } };
	}

	#applyRare(
		event: Exclude<TrainEvent, { type: 'done' | 'stopped' | 'step' | 'checkpoint' }>,
		startPaused: boolean,
	): void {
		switch (event.type) {
			case 'progress':
				this.preparation = event.progress;
				return;
			case 'planned':
				this.plan = event.plan;
				return;
			case 'checked': {
				const { loss, expectedLoss, margin } = event;
				this.stepZero = { loss, expectedLoss, margin };
				this.phase = startPaused ? 'paused' : 'running';
				this.preparation = null;
				return;
			}
			case 'paused':
				if (!this.#held || this.#wantsPause) this.phase = 'paused';
				return;
			case 'resumed':
				this.phase = 'running';
				return;
			case 'failed': {
				const { error, step, pairIds } = event;
				this.failure = { error, step, pairIds };
				this.phase = 'failed';
			}
		}
	}

	#addStep(metrics: StepMetrics, batch: readonly PairRewards[]): void {
		if (this.phase === 'preparing') this.phase = 'running';
		this.preparation = null;
		this.#measured.add(metrics, batch);
		this.#fold.touch();
	}

	#conclude(outcome: TrainOutcome | null): TrainOutcome {
		const { failure } = this;
		if (failure !== null) throw fromWire(failure.error);
		if (outcome !== null) return outcome;
		this.phase = 'stopped';
		return { kind: 'stopped', adapter: null, state: null };
	}

	#cutAfter(step: number): void {
		this.#measured = this.#measured.until(step);
		this.#publish();
	}

	/** Publishes before the next frame: a record must include rows that a hidden tab has not painted. */
	flush(): void {
		this.#publish();
	}

	#publish(): void {
		this.#published = { history: this.#measured };
	}
}

function meanSeconds(steps: readonly StepMetrics[]): number | null {
	if (steps.length === 0) return null;
	return steps.reduce((sum, step) => sum + step.seconds, 0) / steps.length;
}
