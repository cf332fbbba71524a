/**
 * A training run as an async sequence of events, steered from outside: pause, single steps, resume, stop.
 *
 * The device runs one step ahead of what is reported: step t + 1 is recorded before the numbers of step t are read, so that the
 * GPU never waits for the host. Before anything that shows state (pause, checkpoint, end) the step under way is read first.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import { AppError, toWire } from '#core/errors.ts';
import type { TrainEvent, TrainerState } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Decoder } from '#model/decoder.ts';
import type { GenerateRow } from '#model/generate.ts';
import { deviceLora } from '#model/lora.ts';
import { Controls } from './controls.ts';
import { nextTask } from '#model/nextTask.ts';
import { planRun } from './plan.ts';
import { RunMemory } from './runMemory.ts';
import { seededOrder, TrainSession, type StepUnderWay } from './session.ts';

export interface TrainerSetup {
	model: Decoder;
	recipe: Recipe;
	/** See core/batch/tokenize.ts; at least one. */
	pairs: readonly TokenizedPair[];
	/** Pairs that were cut, and that were left out. */
	truncated: number;
	dropped: number;
	/** Goes on from here. A state at step 0 starts from given parameters instead of an untrained adapter. */
	resume: TrainerState | null;
	startPaused: boolean;
	/** Batches of held-out prompts that the model answers between steps: their memory is planned for. Default: none. */
	answers?: readonly (readonly GenerateRow[])[];
	/** A fault that the device reported outside any call, checked at every step. */
	fault?: () => AppError | null;
	/** Indices of the pairs of micro-batch n, from 0: in place of the seeded sampler, to follow a recorded run. */
	order?: (microBatch: number) => readonly number[];
}

export class Trainer {
	readonly controls: Controls;
	readonly #setup: TrainerSetup;
	#session: TrainSession | null = null;
	#underWay: StepUnderWay | null = null;
	#lastCheckpoint: number | null;
	readonly #memory = new RunMemory();

	/** @param controls where whoever steers holds them before the run is set up */
	constructor(setup: TrainerSetup, controls = new Controls(setup.startPaused)) {
		this.#setup = setup;
		this.#lastCheckpoint = setup.resume?.step ?? null;
		this.controls = controls;
	}

	/** The adapter of the step that trains now; null before the start and after the end. */
	async currentAdapter(): Promise<Adapter | null> {
		return (await this.#session?.adapter()) ?? null;
	}

	/** Runs to the end; every way to end is an event. Frees all device memory when it ends or is abandoned. */
	async *run(): AsyncGenerator<TrainEvent, void> {
		try {
			const session = yield* this.#start();
			yield* this.#steps(session);
		} catch (thrown) {
			yield this.#failure(thrown);
		} finally {
			this.#session?.dispose();
			this.#session = null;
		}
	}

	async *#start(): AsyncGenerator<TrainEvent, TrainSession> {
		const { model, recipe, pairs, resume, truncated, dropped, answers = [] } = this.#setup;
		if (pairs.length === 0) {
			throw new AppError(`No pair is left to train on (${dropped} were too long).`, {
				code: 'no-pairs',
				hint: 'Revise some outputs first, or raise the largest length.',
				context: { dropped },
			});
		}
		const lora = deviceLora(model.config, recipe.lora);
		const order = this.#setup.order ?? seededOrder(recipe, pairs.length);
		const { plan, keep, largest } = await planRun({ model, lora, recipe, pairs, answers, order });
		yield { type: 'planned', plan: { ...plan, truncated, dropped } };
		this.#memory.start(model.bytes);
		const session = new TrainSession({ model, lora, recipe, pairs, resume, keep, order });
		this.#session = session;
		if (session.runsAhead) yield building(0);
		await session.compile(largest);
		for await (const event of session.prepare()) {
			yield event;
			if (this.controls.stopping) break;
			await nextTask();
		}
		await session.compiled();
		if (session.runsAhead) yield building(1);
		if (resume === null && !this.controls.stopping) yield await session.check();
		return session;
	}

	async *#steps(session: TrainSession): AsyncGenerator<TrainEvent, void> {
		const { steps, checkpointEvery } = this.#setup.recipe.training;
		while (session.step < steps) {
			const wish = this.controls.take();
			if (wish !== 'run') {
				yield* this.#settle(session);
				if (wish !== 'pause') return yield* this.#stop(session, wish === 'stop-keep');
				yield { type: 'paused', step: session.step };
				if (await this.controls.released()) yield { type: 'resumed', step: session.step };
				continue;
			}
			const recorded = session.record();
			yield* this.#settle(session);
			this.#underWay = recorded;
			// Host backends compute while they record: there is nothing to run ahead of.
			if (!session.runsAhead) yield* this.#settle(session);
			if (checkpointEvery > 0 && session.step % checkpointEvery === 0 && session.step < steps) {
				yield* this.#settle(session);
				yield* this.#checkpoint(session);
			}
			await nextTask();
		}
		yield* this.#settle(session);
		yield { type: 'done', ...(await session.snapshot()), peakBytes: this.#memory.peak };
	}

	/** Reports the step under way, if there is one. */
	async *#settle(session: TrainSession): AsyncGenerator<TrainEvent, void> {
		const underWay = this.#underWay;
		if (underWay === null) return;
		const event = await session.report(underWay);
		const fault = this.#setup.fault?.() ?? null;
		if (fault !== null) throw fault;
		this.#underWay = null;
		yield event;
	}

	async *#checkpoint(session: TrainSession): AsyncGenerator<TrainEvent, void> {
		const snapshot = await session.snapshot();
		this.#lastCheckpoint = snapshot.step;
		yield { type: 'checkpoint', ...snapshot };
	}

	async *#stop(session: TrainSession, keep: boolean): AsyncGenerator<TrainEvent, void> {
		const kept = keep ? await session.snapshot() : { step: session.step, adapter: null, state: null };
		yield { type: 'stopped', ...kept, peakBytes: this.#memory.peak };
	}

	#failure(thrown: unknown): TrainEvent {
		return {
			type: 'failed',
			error: toWire(thrown),
			step: this.#underWay?.step ?? this.#session?.step ?? 0,
			pairIds: this.#underWay?.pairIds ?? [],
			lastCheckpoint: this.#lastCheckpoint,
		};
	}
}

function building(done: 0 | 1): TrainEvent {
	return { type: 'progress', progress: { phase: 'Building the GPU programs', done, total: 1 } };
}
