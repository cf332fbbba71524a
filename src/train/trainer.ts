/**
 * A training run as an async sequence of events, controlled from outside: pause, single steps, resume, stop.
 *
 * The device runs one step ahead of the reports: step t + 1 is recorded before the numbers of step t are read, so that the
 * GPU never waits for the host. Before any event that shows state (pause, checkpoint, end) the trainer reads the last step.
 *
 * Runs on one device take turns (turns.ts): planning with allocation, a batch of the reference pass, the check and each step
 * are one turn. A paused run and one that waits for its programs to compile take none.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { RowFault } from '#core/batch/rowFaults.ts';
import type { TokenizedExample } from '#core/batch/tokenize.ts';
import { AppError, toWire } from '#core/errors.ts';
import type { TrainEvent, TrainerState } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Decoder } from '#model/decoder.ts';
import type { GenerateRow } from '#model/generate.ts';
import { deviceLora } from '#model/lora.ts';
import { nextTask } from '#core/concurrency.ts';
import { Controls, type Action } from './controls.ts';
import { DeviceMemory, type RunMemory } from './deviceMemory.ts';
import { planRun } from './plan.ts';
import type { ReferenceCache } from './reference.ts';
import { seededOrder, TrainSession, type StepUnderWay } from './session.ts';
import { Turns } from './turns.ts';

export interface TrainerSetup {
	model: Decoder;
	recipe: Recipe;
	/** Pairs, or completions with a label if the objective looks at each by itself; at least one. See core/batch/tokenize.ts. */
	pairs: readonly TokenizedExample[];
	/** Number of pairs that were cut. */
	truncated: number;
	/** Pairs of the run that cannot be trained on. Default: none. */
	leftOut?: readonly RowFault[];
	/** State to resume from. A state at step 0 starts from its parameters instead of an untrained adapter. */
	resume: TrainerState | null;
	startPaused: boolean;
	/**
	 * Batches of held-out prompts that the model answers between steps, for the memory plan. Default: none.
	 */
	answers?: readonly (readonly GenerateRow[])[];
	/** A fault that the device reported outside any call, checked in every turn. */
	fault?: () => AppError | null;
	/** Lock of the device, if other runs train on it too. Default: this run is alone. */
	turns?: Turns;
	memory?: DeviceMemory;
	/** Reference log-probabilities that other runs on the model computed. Default: none. */
	references?: ReferenceCache;
	/**
	 * Indices of the pairs of micro-batch n, from 0; replaces the seeded sampler to follow a recorded run.
	 */
	order?: (microBatch: number) => readonly number[];
}

export class Trainer {
	readonly controls: Controls;
	readonly #setup: TrainerSetup;
	readonly #turns: Turns;
	#session: TrainSession | null = null;
	#memory: RunMemory | null = null;
	/** The last recorded step, until it is reported. */
	#underWay: StepUnderWay | null = null;
	/** Pairs of the last recorded step. */
	#lastPairIds: readonly string[] = [];
	#lastCheckpoint: number | null;

	/** @param controls may hold requests from before the run was set up */
	constructor(setup: TrainerSetup, controls = new Controls(setup.startPaused)) {
		this.#setup = setup;
		this.#turns = setup.turns ?? new Turns();
		this.#lastCheckpoint = setup.resume?.step ?? null;
		this.controls = controls;
	}

	/** The adapter after the last recorded step; null before the start and after the end. */
	async currentAdapter(): Promise<Adapter | null> {
		return (await this.#session?.adapter()) ?? null;
	}

	/** Runs to the end; every way to end is an event. Frees all device memory when it ends or is abandoned. */
	async *run(): AsyncGenerator<TrainEvent, void> {
		try {
			const session = yield* this.#start();
			yield* this.#steps(session);
		} catch (thrown) {
			// The device may report a loss later than the call that failed with it.
			await nextTask();
			yield this.#failure(this.#setup.fault?.() ?? thrown);
		} finally {
			this.#session?.dispose();
			this.#session = null;
			this.#memory?.end();
		}
	}

	/**
	 * Runs `work` while no other run uses the device; handles messages that arrived meanwhile before the turn
	 * ends.
	 */
	async *#inTurn<T>(work: () => AsyncGenerator<TrainEvent, T>): AsyncGenerator<TrainEvent, T> {
		const end = await this.#turns.next();
		try {
			this.#expectNoFault();
			this.#memory?.startTurn();
			const result = yield* work();
			await nextTask();
			return result;
		} finally {
			this.#memory?.noteTurn();
			end();
		}
	}

	async *#start(): AsyncGenerator<TrainEvent, TrainSession> {
		const session = yield* this.#inTurn(() => this.#open());
		await session.compiled('reference');
		const events = session.prepare();
		let more = true;
		while (more) more = yield* this.#inTurn(() => this.#referenceBatch(events));
		await session.compiled('step');
		if (session.runsAhead) yield building(1);
		if (this.#setup.resume === null && !this.controls.stopping) {
			yield* this.#inTurn(async function* () {
				yield await session.check();
			});
		}
		return session;
	}

	/** Plans the run, makes its session and allocates its largest step. */
	async *#open(): AsyncGenerator<TrainEvent, TrainSession> {
		const { model, recipe, pairs, resume, truncated, leftOut = [], answers = [], references } = this.#setup;
		if (pairs.length === 0) throw noPairs(leftOut);
		const lora = deviceLora(model.config, recipe.lora);
		const order = this.#setup.order ?? seededOrder(recipe, pairs.length);
		const shared = this.#setup.memory ?? new DeviceMemory();
		const { budgetBytes } = shared;
		const { plan, keep, largest } = await planRun({
			model,
			lora,
			recipe,
			pairs,
			answers,
			order,
			budgetBytes,
		});
		yield { type: 'planned', plan: { ...plan, truncated, dropped: leftOut.length, leftOut } };
		const memory = shared.start(model.bytes, plan.estimatedBytes);
		this.#memory = memory;
		const shares = references === undefined ? {} : { references };
		const setup = { model, lora, recipe, pairs, resume, keep, order, ...shares };
		const session = memory.hold(() => new TrainSession(setup));
		this.#session = session;
		if (session.runsAhead) yield building(0);
		await session.allocate(largest);
		return session;
	}

	/** @returns false if no batch is left or a stop was requested */
	async *#referenceBatch(events: AsyncGenerator<TrainEvent, void>): AsyncGenerator<TrainEvent, boolean> {
		const next = await events.next();
		if (next.done === true) return false;
		yield next.value;
		return !this.controls.stopping;
	}

	async *#steps(session: TrainSession): AsyncGenerator<TrainEvent, void> {
		const { steps } = this.#setup.recipe.training;
		while (session.step < steps) {
			const action = yield* this.#inTurn(() => this.#act(session));
			if (action === 'run') continue;
			if (action !== 'pause') return yield* this.#inTurn(() => this.#stop(session, action === 'stop-keep'));
			yield { type: 'paused', step: session.step };
			if (await this.controls.released()) yield { type: 'resumed', step: session.step };
		}
		yield* this.#inTurn(() => this.#finish(session));
	}

	/** One action of the training loop: records a step and reports the step before, or only reports. @returns the action */
	async *#act(session: TrainSession): AsyncGenerator<TrainEvent, Action> {
		const { steps, checkpointEvery } = this.#setup.recipe.training;
		const action = this.controls.next();
		if (action !== 'run') {
			yield* this.#settle(session);
			return action;
		}
		const recorded = session.record();
		yield* this.#settle(session);
		this.#underWay = recorded;
		this.#lastPairIds = recorded.pairIds;
		// Host backends compute while they record, so they cannot run ahead.
		if (!session.runsAhead) yield* this.#settle(session);
		if (checkpointEvery > 0 && session.step % checkpointEvery === 0 && session.step < steps) {
			yield* this.#settle(session);
			yield* this.#checkpoint(session);
		}
		return action;
	}

	/** Reports the last recorded step, if it is not reported yet. */
	async *#settle(session: TrainSession): AsyncGenerator<TrainEvent, void> {
		const underWay = this.#underWay;
		if (underWay === null) return;
		const event = await session.report(underWay);
		this.#expectNoFault();
		this.#underWay = null;
		yield event;
	}

	async *#checkpoint(session: TrainSession): AsyncGenerator<TrainEvent, void> {
		const snapshot = await session.snapshot();
		this.#lastCheckpoint = snapshot.step;
		yield { type: 'checkpoint', ...snapshot };
	}

	async *#finish(session: TrainSession): AsyncGenerator<TrainEvent, void> {
		yield* this.#settle(session);
		yield { type: 'done', ...(await session.snapshot()), peakBytes: this.#peakBytes() };
	}

	async *#stop(session: TrainSession, keep: boolean): AsyncGenerator<TrainEvent, void> {
		const kept = keep ? await session.snapshot() : { step: session.step, adapter: null, state: null };
		yield { type: 'stopped', ...kept, peakBytes: this.#peakBytes() };
	}

	#peakBytes(): number {
		this.#memory?.noteTurn();
		return this.#memory?.peak ?? 0;
	}

	#expectNoFault(): void {
		const fault = this.#setup.fault?.() ?? null;
		if (fault !== null) throw fault;
	}

	#failure(thrown: unknown): TrainEvent {
		return {
			type: 'failed',
			error: toWire(thrown),
			step: this.#underWay?.step ?? this.#session?.step ?? 0,
			pairIds: this.#underWay?.pairIds ?? this.#lastPairIds,
			lastCheckpoint: this.#lastCheckpoint,
		};
	}
}

function building(done: 0 | 1): TrainEvent {
	return { type: 'progress', progress: { phase: 'Building the GPU programs', done, total: 1 } };
}

function noPairs(leftOut: readonly RowFault[]): AppError {
	const [first] = leftOut;
	const why =
		first === undefined ? '' : ` All ${leftOut.length} are left out. The first: ${first.error.message}`;
	return new AppError(`No pair is left to train on.${why}`, {
		code: 'no-pairs',
		hint: first?.error.hint ?? 'Make or import some pairs first.',
		context: { dropped: leftOut.length },
	});
}
