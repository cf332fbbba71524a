/**
 * The step of a run that the page shows, shared by the curves, the plane, the answers and the adapter: dragged, moved by keys, or played.
 * A step is a number of updates: 0 is the untrained adapter.
 */
import { lastAtMost } from '#core/math/lastAtMost.ts';
import type { AppPorts } from '../ports.ts';
import type { AdapterNorms } from '../steps/adapterNorms.ts';
import { answerCourses, type AnswerCourse } from '../steps/evaluationViews.ts';
import type { Steps } from '../steps/steps.ts';
import type { TrainingMoment } from '../steps/trainingMoment.ts';

/** Factors of the pace. At 1, a whole run plays in {@link SECONDS}. */
export const SPEEDS = [0.5, 1, 2, 4] as const;
export type Speed = (typeof SPEEDS)[number];
const SECONDS = 20;

type Seen = Pick<Steps, 'loss' | 'adapter' | 'evaluation'>;

export class StepCursor {
	readonly #steps: Seen;
	readonly #ports: Pick<AppPorts, 'clock' | 'frame'>;
	/** The step in the middle of playing, fractional, and the time of it. */
	#played = { step: 0, at: 0 };
	/** Set when playing ends, so that a frame that was asked for earlier does nothing. */
	#playing: symbol | null = $state.raw(null);

	/** The step that the user chose; null follows the newest. */
	pinned: number | null = $state(null);
	/** The step under the pointer, shown until the pointer leaves. */
	#pointed: number | null = $state(null);
	speed: Speed = $state(1);

	/** Null follows the newest. */
	readonly step: number | null = $derived(this.#pointed ?? this.pinned);
	/** The newest step. */
	readonly last: number = $derived.by(() => this.#steps.loss.step);
	/** The shown step. */
	readonly shown: number = $derived(Math.min(this.step ?? this.last, this.last));
	/** Rewards as they were at the step. */
	readonly training: TrainingMoment = $derived.by(() =>
		this.step === null ? this.#steps.loss : this.#steps.loss.at(this.step),
	);
	/** Held-out answers up to the step. */
	readonly answers: readonly AnswerCourse[] = $derived.by(() =>
		this.step === null
			? this.#steps.evaluation.answersNow
			: answerCourses(this.#steps.evaluation.results, this.step),
	);
	/** The step of the newest of these answers; null before any. */
	readonly answersStep: number | null = $derived(this.answers[0]?.answers.at(-1)?.step ?? null);
	/** Norms of the nearest measured adapter at or before the step; null if there is none. */
	readonly norms: AdapterNorms | null = $derived.by(() => {
		const { adapter } = this.#steps;
		return this.step === null ? adapter.norms : adapter.normsAt(this.step);
	});
	/** Step of the stored adapter that answers at the step; 0 is the base model. */
	readonly adapterStep: number = $derived.by(() => this.#checkpointAt(this.shown));

	constructor(steps: Seen, ports: Pick<AppPorts, 'clock' | 'frame'>) {
		this.#steps = steps;
		this.#ports = ports;
	}

	get playing(): boolean {
		return this.#playing !== null;
	}

	/** Shows a step until the next move; null and the newest step follow the newest. The adapter follows. */
	seek(step: number | null): void {
		this.pinned = step === null || step >= this.last ? null : Math.max(0, Math.round(step));
		this.#played = { step: this.pinned ?? this.last, at: this.#ports.clock.now() };
		const { adapter } = this.#steps;
		const wanted = this.pinned === null ? null : this.#checkpointAt(this.pinned);
		if (adapter.selectedStep !== wanted) void adapter.select(wanted);
	}

	/** Shows the step under the pointer; null ends that. */
	point(step: number | null): void {
		this.#pointed = step;
	}

	/** Moves by whole steps, and stops playing. */
	move(by: number): void {
		this.stop();
		this.seek(Math.max(0, this.shown + by));
	}

	/** Plays from the step to the newest; from the newest it starts at 0. */
	play(): void {
		if (this.last === 0) return;
		const playing = Symbol('playing');
		this.#playing = playing;
		this.seek(this.pinned ?? 0);
		this.#tick(playing);
	}

	stop(): void {
		this.#playing = null;
	}

	toggle(): void {
		if (this.playing) this.stop();
		else this.play();
	}

	#tick(playing: symbol): void {
		this.#ports.frame(() => {
			if (this.#playing !== playing) return;
			const now = this.#ports.clock.now();
			const perSecond = (this.last / SECONDS) * this.speed;
			const step = this.#played.step + (perSecond * (now - this.#played.at)) / 1000;
			if (Math.floor(step) !== this.pinned) this.seek(Math.floor(step));
			this.#played = { step, at: now };
			if (this.pinned === null) this.stop();
			else this.#tick(playing);
		});
	}

	#checkpointAt(step: number): number {
		const { checkpoints } = this.#steps.adapter;
		return checkpoints[lastAtMost(checkpoints, step)] ?? 0;
	}
}
