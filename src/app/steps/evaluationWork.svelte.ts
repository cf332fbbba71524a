/** Progress of an evaluation, published at most once a frame, with the time left. */
import { FrameBatcher } from '../async/frameBatcher.ts';
import { Pace } from '../async/pace.ts';
import type { AppPorts } from '../ports.ts';
import type { Mode } from './evaluationViews.ts';

/** `fluency`: the log-probabilities of the panel's answers under the base model. */
export type EvaluationPart = 'heldOut' | 'untouched' | 'panel' | 'fluency';

export interface EvaluationWork {
	part: EvaluationPart;
	mode: Mode;
	step: number;
	done: number;
	total: number;
}

export class EvaluationProgress {
	readonly #fold: FrameBatcher;
	readonly #pace: Pace;
	#now: EvaluationWork | null = null;

	/** The evaluation in progress, or null. */
	work: EvaluationWork | null = $state.raw(null);
	secondsLeft: number | null = $state(null);

	constructor({ clock, frame }: Pick<AppPorts, 'clock' | 'frame'>) {
		this.#pace = new Pace(clock);
		this.#fold = new FrameBatcher(frame, () => this.#publish());
	}

	begin(work: Omit<EvaluationWork, 'done'>): void {
		this.#start({ ...work, done: 0 });
	}

	end(): void {
		this.#start(null);
	}

	/** Counts one prompt as done. */
	readonly mark = (): void => {
		if (this.#now === null) return;
		this.#now = { ...this.#now, done: this.#now.done + 1 };
		this.#pace.mark();
		this.#fold.touch();
	};

	#start(work: EvaluationWork | null): void {
		this.#now = work;
		this.#pace.restart();
		this.#publish();
	}

	#publish(): void {
		this.work = this.#now;
		this.secondsLeft = this.#now === null ? null : this.#pace.secondsFor(this.#now.total - this.#now.done);
	}
}
