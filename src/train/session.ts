/**
 * The tensors of a run on the device, and its operations: record a step, read it back, take a snapshot. The order in which
 * they happen is the trainer's (trainer.ts).
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { batchAt, epochsAfter } from '#core/batch/sampler.ts';
import { sidesOf, type TokenizedExample } from '#core/batch/tokenize.ts';
import { expectPartners, type StepValues } from '#core/loss/example.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import { at } from '#core/math/at.ts';
import type { TrainEvent, TrainerState } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { flush, readLater, startCompiling } from '#engine/memory.ts';
import { getBackend } from '#engine/tensor.ts';
import type { Decoder } from '#model/decoder.ts';
import {
	adapterOf,
	bindLora,
	fromStored,
	initialParams,
	toStored,
	type DeviceLora,
	type LoraBinding,
} from '#model/lora.ts';
import {
	createBuffers,
	disposeBuffers,
	readBuffers,
	type OptimiserState,
	type TrainBuffers,
} from './buffers.ts';
import type { Batch } from './estimate.ts';
import {
	checkStepZero,
	expectFinite,
	expectFiniteState,
	lossMetrics,
	pairRewards,
	stepLogps,
} from './metrics.ts';
import { microBatchesOf } from './microBatches.ts';
import { packForStep } from './pack.ts';
import {
	referenceKey,
	referenceLogps,
	referenceOf,
	type ReferenceCache,
	type ReferenceLogps,
} from './reference.ts';
import { checkResume } from './resume.ts';
import { learningRateAt } from './schedule.ts';
import { StepRunner, type MicroBatch, type StepReading } from './step.ts';
import { REHEARSED_STEP, rehearsedMicroBatches, stepOptions, type Kept } from './stepOptions.ts';
import { stepValues, untrainedValues, withDrift } from './values.ts';

export interface SessionSetup {
	model: Decoder;
	lora: DeviceLora;
	recipe: Recipe;
	/** Pairs or unpaired completions; at least one. */
	pairs: readonly TokenizedExample[];
	resume: TrainerState | null;
	keep: Kept;
	/** Indices of the pairs of micro-batch n, from 0. */
	order: (microBatch: number) => readonly number[];
	/** Log-probabilities that other runs on the model computed. Default: none. */
	references?: ReferenceCache;
}

/** A recorded step that is not reported yet. */
export interface StepUnderWay {
	step: number;
	microBatches: readonly MicroBatch[];
	/** Values of the step that the objective reads. */
	values: StepValues;
	/** Ids of the examples, in order. */
	pairIds: readonly string[];
	learningRate: number;
	/** Tokens trained on so far, and in this step. */
	numTokens: number;
	stepTokens: number;
	startedAt: number;
	reading: Promise<StepReading>;
}

export class TrainSession {
	/** The last step that was recorded. */
	step: number;
	/** True if recording a step does not wait for its numbers. */
	readonly runsAhead = getBackend() === 'webgpu';
	readonly #setup: SessionSetup;
	readonly #objective: CompiledObjective;
	readonly #runner: StepRunner;
	readonly #buffers: TrainBuffers;
	readonly #binding: LoraBinding;
	#reference: ReferenceLogps;
	#compiling = { step: Promise.resolve(), reference: Promise.resolve() };
	#numTokens: number;
	/** Time of the previous read, from which the next step's seconds count. */
	#lastReadAt = 0;

	/** @throws AppError `resume-mismatch`; ShapeError `example-unpaired` if the objective needs pairs */
	constructor(setup: SessionSetup) {
		const { model, lora, recipe, pairs, resume } = setup;
		if (resume !== null) checkResume(resume, recipe, lora);
		this.#setup = setup;
		this.#objective = objectiveFor(recipe.objective);
		expectPartners(this.#objective, pairs.filter((example) => sidesOf(example).length === 1).length);
		this.step = resume?.step ?? 0;
		this.#numTokens = resume?.numTokens ?? 0;
		this.#reference = resume?.referenceLogps ?? {};
		this.#runner = new StepRunner(model);
		this.#buffers = createBuffers(resume === null ? untrained(setup) : movedBy(fromStored, lora, resume));
		this.#binding = bindLora(lora, this.#buffers.params);
	}

	/**
	 * Starts to compile every kernel of a step and of the reference pass, and waits until the GPU has made
	 * their buffers. The kernels of the step compile while the reference pass runs. No lasting state changes.
	 *
	 * @param largest the micro-batches with most rows: their memory then serves all others
	 * @throws DeviceError `out-of-memory`
	 */
	async allocate(largest: { step: Batch; reference: Batch }): Promise<void> {
		const { recipe, keep } = this.#setup;
		const microBatches = rehearsedMicroBatches(recipe, packForStep(largest.step));
		const options = stepOptions(recipe, keep, microBatches, REHEARSED_STEP);
		const step = startCompiling(() => {
			this.#runner.step(this.#buffers, this.#binding, microBatches, options).catch(() => undefined);
		});
		const reference = startCompiling(() => {
			this.#runner.logps(packForStep(largest.reference), null).catch(() => undefined);
		});
		this.#compiling = { step: step.compiled, reference: reference.compiled };
		await Promise.all([step.allocated, reference.allocated]);
	}

	/** Waits for the kernels of a part. @throws DeviceError `out-of-memory`, `shader-compilation` */
	compiled(part: 'step' | 'reference'): Promise<void> {
		return this.#compiling[part];
	}

	/** Computes reference log-probabilities of the pairs that have none yet. */
	async *prepare(): AsyncGenerator<TrainEvent, void> {
		const { pairs, recipe, resume, references: cache } = this.#setup;
		const key = cache === undefined ? '' : referenceKey(recipe, pairs);
		if (resume === null && cache !== undefined) this.#reference = cache.known(key);
		const references = referenceLogps(this.#runner, pairs, this.#reference, recipe.training.batchPairs);
		let next = await references.next();
		while (next.done !== true) {
			yield { type: 'progress', progress: next.value };
			next = await references.next();
		}
		this.#reference = next.value;
		cache?.keep(key, this.#reference);
	}

	/** Loss and margin of the first batch at the untrained adapter. @throws AppError `step-zero-check` */
	async check(): Promise<TrainEvent> {
		const first = at(this.#microBatches(this.#indices(1)), 0);
		const logps = await this.#runner.logps(first.packed, this.#binding);
		const values = untrainedValues(stepValues(this.#setup.recipe.objective, [first]));
		const checked = checkStepZero(this.#objective, values, stepLogps([first], [logps]));
		return { type: 'checked', ...checked };
	}

	/** Records the next step and submits it. */
	record(): StepUnderWay {
		const { recipe, keep } = this.#setup;
		const step = this.step + 1;
		const startedAt = performance.now();
		const indices = this.#indices(step);
		const microBatches = this.#microBatches(indices);
		const learningRate = learningRateAt(step, { ...recipe.optimiser, totalSteps: recipe.training.steps });
		const options = stepOptions(recipe, keep, microBatches, { step, lr: learningRate });
		const reading = this.#runner.step(this.#buffers, this.#binding, microBatches, options);
		// report() throws the failure. A step that is never reported may fail in silence.
		reading.catch(() => undefined);
		const stepTokens = microBatches.reduce((sum, { packed }) => sum + packed.numTokens, 0);
		this.step = step;
		this.#numTokens += stepTokens;
		const pairIds = indices.flat().map((i) => at(this.#setup.pairs, i).id);
		return {
			step,
			microBatches,
			values: options.values,
			pairIds,
			learningRate,
			numTokens: this.#numTokens,
			stepTokens,
			startedAt,
			reading,
		};
	}

	/** Waits for a step's numbers. @throws AppError `non-finite`; DeviceError if the GPU was lost */
	async report(underWay: StepUnderWay): Promise<TrainEvent> {
		const { training } = this.#setup.recipe;
		const { step, microBatches, stepTokens } = underWay;
		const { logps, gradNorm, kl } = await underWay.reading;
		const values = withDrift(underWay.values, kl);
		const seconds = (performance.now() - Math.max(underWay.startedAt, this.#lastReadAt)) / 1000;
		this.#lastReadAt = performance.now();
		const all = stepLogps(microBatches, logps);
		const { metrics, rewards } = lossMetrics(this.#objective, values, all);
		expectFinite(step, metrics.loss, gradNorm);
		const drawn = { pairs: this.#setup.pairs.length, batchPairs: training.batchPairs };
		return {
			type: 'step',
			metrics: {
				step,
				epoch: epochsAfter(drawn, step * training.accumulationSteps),
				...metrics,
				grad_norm: gradNorm,
				...(kl === null ? {} : { kl }),
				learning_rate: underWay.learningRate,
				num_tokens: underWay.numTokens,
				seconds,
				tokensPerSecond: stepTokens / seconds,
			},
			batch: pairRewards(underWay.pairIds, all.segments, rewards),
		};
	}

	/** The adapter after the last recorded step. */
	async adapter(): Promise<Adapter> {
		const { step } = this;
		const reading = readLater(this.#buffers.params);
		flush();
		return adapterOf(this.#setup.lora, await reading, { id: `step-${step}`, step });
	}

	/** The adapter and the state to resume from, after the last recorded step. @throws AppError `non-finite` */
	async snapshot(): Promise<{ step: number; adapter: Adapter; state: TrainerState }> {
		const { step } = this;
		const numTokens = this.#numTokens;
		const optimiser = await readBuffers(this.#buffers);
		expectFiniteState(step, optimiser);
		const adapter = adapterOf(this.#setup.lora, optimiser.params, { id: `step-${step}`, step });
		const { seed: samplerSeed } = this.#setup.recipe.training;
		const stored = movedBy(toStored, this.#setup.lora, optimiser);
		const state = { step, ...stored, numTokens, samplerSeed, referenceLogps: this.#reference };
		return { step, adapter, state };
	}

	dispose(): void {
		disposeBuffers(this.#buffers);
	}

	#indices(step: number): (readonly number[])[] {
		const { accumulationSteps } = this.#setup.recipe.training;
		const first = (step - 1) * accumulationSteps;
		return Array.from({ length: accumulationSteps }, (_, part) => this.#setup.order(first + part));
	}

	#microBatches(indices: readonly (readonly number[])[]): MicroBatch[] {
		const { recipe, pairs } = this.#setup;
		const batches = indices.map((some) => some.map((i) => at(pairs, i)));
		return microBatchesOf(recipe, batches, (batch) => referenceOf(batch, this.#reference));
	}
}

/** The seeded order of core: epochs of permutations, laid end to end. */
export function seededOrder(recipe: Recipe, pairs: number): (microBatch: number) => readonly number[] {
	const { batchPairs, seed } = recipe.training;
	return (microBatch) => batchAt({ pairs, batchPairs, seed }, microBatch);
}

function untrained({ lora, recipe }: SessionSetup): OptimiserState {
	const params = initialParams(lora, recipe.lora.seed);
	return { params, m: new Float32Array(params.length), v: new Float32Array(params.length) };
}

/** Moves parameters and moments between the device's form and the stored one. */
function movedBy(move: typeof toStored, lora: DeviceLora, { params, m, v }: OptimiserState): OptimiserState {
	return { params: move(lora, params), m: move(lora, m), v: move(lora, v) };
}
