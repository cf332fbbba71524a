/** The training runs of one engine by id. Each has its own adapter; their trainers take turns on the device (train/turns.ts). */
import type { Adapter } from '#core/adapter/adapter.ts';
import { stackAdapters } from '#core/adapter/stack.ts';
import { AppError, toWire } from '#core/errors.ts';
import type { TrainControl, TrainEvent, TrainJob } from '#core/ports.ts';
import { Controls } from '#train/controls.ts';
import type { Trainer } from '#train/trainer.ts';

interface Run {
	readonly controls: Controls;
	/** Null until the run is set up. */
	trainer: Trainer | null;
	/** The adapter that the run begins from; null for the base model. */
	readonly begin: Adapter | null;
	/** Settles when the run has ended; never rejects. */
	ended: Promise<void>;
}

/** The trainer of a run, and the reference model to free after it. */
type SetUp = (
	job: TrainJob,
	controls: Controls,
) => Promise<{ trainer: Trainer; reference: { dispose(): void } }>;

export class Runs {
	readonly #runs = new Map<string, Run>();
	readonly #setUp: SetUp;

	/** @param setUp makes the trainer of a run; its failure ends the run */
	constructor(setUp: SetUp) {
		this.#setUp = setUp;
	}

	/** `finished` rejects with AppError `already-training` if a run of this id trains. */
	start(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		const controls = new Controls(job.startPaused);
		return {
			pause: () => controls.pause(),
			resume: () => controls.resume(),
			step: () => controls.step(),
			stop: (keep) => controls.stop(keep),
			finished: this.#add(job, controls, onEvent),
		};
	}

	/** The adapter after the run's last step; null if it is not in training. */
	async currentAdapter(runId: string): Promise<Adapter | null> {
		return (await this.#runs.get(runId)?.trainer?.currentAdapter()) ?? null;
	}

	/** The adapter of `currentAdapter` as it applies to the plain base: stacked with the adapter that the run begins from. */
	async wholeAdapter(runId: string): Promise<Adapter | null> {
		const begin = this.#runs.get(runId)?.begin ?? null;
		const own = await this.currentAdapter(runId);
		return begin === null || own === null ? (own ?? begin) : stackAdapters(begin, own);
	}

	/** @throws AppError `already-training` if any run trains */
	expectNone(): void {
		for (const runId of this.#runs.keys()) throw alreadyTraining(runId);
	}

	get any(): boolean {
		return this.#runs.size > 0;
	}

	/** Stops every run without keeping its last step, and waits for the end of those that are set up. */
	async stopAll(): Promise<void> {
		const runs = [...this.#runs.values()];
		for (const { controls } of runs) controls.stop(false);
		await Promise.all(runs.filter(({ trainer }) => trainer !== null).map(({ ended }) => ended));
	}

	async #add(job: TrainJob, controls: Controls, onEvent: (event: TrainEvent) => void): Promise<void> {
		if (this.#runs.has(job.runId)) throw alreadyTraining(job.runId);
		const run: Run = { controls, trainer: null, begin: job.begin ?? null, ended: Promise.resolve() };
		this.#runs.set(job.runId, run);
		const finished = this.#train(run, job, onEvent).finally(() => this.#runs.delete(job.runId));
		run.ended = finished.catch(() => undefined);
		await finished;
	}

	async #train(run: Run, job: TrainJob, onEvent: (event: TrainEvent) => void): Promise<void> {
		try {
			const { trainer, reference } = await this.#setUp(job, run.controls);
			run.trainer = trainer;
			try {
				for await (const event of trainer.run()) onEvent(event);
			} finally {
				reference.dispose();
			}
		} catch (thrown) {
			// A failure before the first step; the trainer reports later failures itself.
			const lastCheckpoint = job.resume?.step ?? null;
			onEvent({
				type: 'failed',
				error: toWire(thrown),
				step: lastCheckpoint ?? 0,
				pairIds: [],
				lastCheckpoint,
			});
		}
	}
}

function alreadyTraining(runId: string): AppError {
	return new AppError(`Run ${runId} is training already.`, {
		code: 'already-training',
		hint: 'Stop it first, or wait until it is done.',
		context: { runId },
	});
}
