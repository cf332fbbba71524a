/**
 * Measures why log π of some pairs' answers changed over a span of steps; see core/loss/attribution.ts. Takes the steps again from a
 * state before the span, on parameters of its own: the run stays as it is.
 */
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import {
	addChanges,
	NO_CHANGE,
	UPDATE_PARTS,
	type LogpChange,
	type PairAttribution,
	type SpanAttribution,
} from '#core/loss/attribution.ts';
import { at } from '#core/math/at.ts';
import type { Progress, TrainerState } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { upload, writeInPlace } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import type { Decoder } from '#model/decoder.ts';
import { bindLora, deviceLora, fromStored, type LoraBinding } from '#model/lora.ts';
import { microBatchesOf } from '../microBatches.ts';
import { packForStep } from '../pack.ts';
import { referenceOf } from '../reference.ts';
import { learningRateAt } from '../schedule.ts';
import { seededOrder, TrainSession } from '../session.ts';
import { StepRunner, type MicroBatch } from '../step.ts';
import { stepOptions } from '../stepOptions.ts';
import { LossGradients } from './gradients.ts';
import { inTurn, type MeasuringParts } from './inTurn.ts';
import { splitState, splitUpdate, type SplitState } from './splitUpdate.ts';

export interface SpanRequest extends MeasuringParts {
	model: Decoder;
	recipe: Recipe;
	/** All pairs that the run trains on, in its order. */
	pairs: readonly TokenizedPair[];
	/** The run's state at or before the step `from` − 1; null starts from the untrained adapter. */
	start: TrainerState | null;
	/** First and last step of the span, from 1. */
	from: number;
	to: number;
	/** Ids of the pairs whose answers are measured. */
	probes: readonly string[];
	onProgress: (progress: Progress) => void;
}

/** @throws Cancelled · AppError `resume-mismatch`, and what a training step throws */
export async function attributeSpan(request: SpanRequest): Promise<SpanAttribution> {
	const { from, to } = request;
	const state = await stateBefore(request);
	const span = new Span(request, state);
	try {
		for (let step = from; step <= to; step++) {
			await inTurn(request, () => span.take(step));
			request.onProgress({ phase: 'Measuring the steps', done: step - from + 1, total: to - from + 1 });
		}
		return { from, to, pairs: span.pairs };
	} finally {
		span.dispose();
	}
}

/** Takes the steps before the span again, and gives the state after them. */
async function stateBefore(request: SpanRequest): Promise<TrainerState> {
	const { model, recipe, start, from, to, onProgress } = request;
	const first = (start?.step ?? 0) + 1;
	const { pairs, order } = drawnPairs(request, first, to);
	const lora = deviceLora(model.config, recipe.lora);
	const session = await inTurn(request, () =>
		Promise.resolve(new TrainSession({ model, lora, recipe, pairs, resume: start, keep: 'inputs', order })),
	);
	try {
		const references = session.prepare();
		while ((await inTurn(request, () => references.next())).done !== true) continue;
		for (let step = first; step < from; step++) {
			await inTurn(request, () => session.report(session.record()));
			onProgress({ phase: 'Taking the steps before again', done: step - first + 1, total: from - first });
		}
		return (await inTurn(request, () => session.snapshot())).state;
	} finally {
		session.dispose();
	}
}

/** The pairs of some steps alone, with the run's order among them: only these need reference log-probabilities. */
function drawnPairs({ recipe, pairs }: SpanRequest, first: number, last: number) {
	const { accumulationSteps } = recipe.training;
	const order = seededOrder(recipe, pairs.length);
	const drawn = new Set<number>();
	for (let n = (first - 1) * accumulationSteps; n < last * accumulationSteps; n++)
		for (const i of order(n)) drawn.add(i);
	const indices = [...drawn].sort((a, b) => a - b);
	const places = new Map(indices.map((index, place) => [index, place]));
	return {
		pairs: indices.map((i) => at(pairs, i)),
		order: (n: number): number[] => order(n).map((i) => places.get(i) ?? 0),
	};
}

class Span {
	readonly #request: SpanRequest;
	readonly #references: TrainerState['referenceLogps'];
	readonly #runner: StepRunner;
	readonly #state: SplitState;
	/** The parameters that are measured at the moment. */
	readonly #params: Tensor1D;
	readonly #binding: LoraBinding;
	readonly #gradients: LossGradients;
	readonly #probes: readonly TokenizedPair[];
	/** log π of the probes' answers at the state: chosen and rejected of each pair in turn. */
	#now: readonly number[] | null = null;
	/** By probe: its chosen, then its rejected answer. */
	#changes: LogpChange[];

	constructor(request: SpanRequest, { params, m, v, referenceLogps }: TrainerState) {
		const { model, recipe, pairs, probes } = request;
		const lora = deviceLora(model.config, recipe.lora);
		const own = Float32Array.from(fromStored(lora, params));
		this.#request = request;
		this.#references = referenceLogps;
		this.#state = splitState(own, fromStored(lora, m), fromStored(lora, v));
		this.#params = upload(own, [own.length]) as Tensor1D;
		this.#binding = bindLora(lora, this.#params);
		this.#runner = new StepRunner(model);
		const wanted = new Set(probes);
		this.#probes = pairs.filter(({ id }) => wanted.has(id));
		this.#changes = this.#probes.flatMap(() => [NO_CHANGE, NO_CHANGE]);
		const options = stepOptions(recipe, 'inputs', [], { step: 1, lr: 0 });
		this.#gradients = new LossGradients(model, this.#binding, options.objective);
	}

	get pairs(): readonly PairAttribution[] {
		return this.#probes.map(({ id }, i) => ({
			pairId: id,
			chosen: at(this.#changes, 2 * i),
			rejected: at(this.#changes, 2 * i + 1),
		}));
	}

	async take(step: number): Promise<void> {
		const { recipe } = this.#request;
		const { params } = this.#state;
		const microBatches = this.#microBatches(step);
		const lr = learningRateAt(step, { ...recipe.optimiser, totalSteps: recipe.training.steps });
		const { values, adamW } = stepOptions(recipe, 'inputs', microBatches, { step, lr });
		this.#now ??= await this.#logpsAt(params);
		writeInPlace(this.#params, params);
		// Detached, so it is the same for both parts.
		const drifted = await this.#gradients.withDrift(microBatches, values);
		const chosen = (await this.#gradients.of(microBatches, drifted, 'chosen')).gradient;
		const rejected = (await this.#gradients.of(microBatches, drifted, 'rejected')).gradient;
		const updates = splitUpdate(this.#state, { chosen, rejected }, adamW);
		const after = sum(params, updates.all);
		const next = await this.#logpsAt(after);
		const now = this.#now;
		const effects = { chosen: [0], rejected: [0], earlier: [0] };
		for (const part of UPDATE_PARTS) {
			const first = await this.#logpsAt(sum(params, updates[part]));
			const without = await this.#logpsAt(sum(after, updates[part], -1));
			effects[part] = now.map((logp, i) => (at(first, i) - logp + at(next, i) - at(without, i)) / 2);
		}
		this.#changes = this.#changes.map((change, i) =>
			addChanges(change, {
				chosen: at(effects.chosen, i),
				rejected: at(effects.rejected, i),
				earlier: at(effects.earlier, i),
				total: at(next, i) - at(now, i),
			}),
		);
		params.set(after);
		this.#now = next;
	}

	dispose(): void {
		this.#gradients.dispose();
		this.#params.dispose();
	}

	#microBatches(step: number): MicroBatch[] {
		const { recipe, pairs } = this.#request;
		const { accumulationSteps } = recipe.training;
		const order = seededOrder(recipe, pairs.length);
		const batches = Array.from({ length: accumulationSteps }, (_, part) =>
			order((step - 1) * accumulationSteps + part).map((i) => at(pairs, i)),
		);
		return microBatchesOf(recipe, batches, (batch) => referenceOf(batch, this.#references));
	}

	/** log π of the probes' answers with these parameters. */
	async #logpsAt(params: Float32Array): Promise<number[]> {
		writeInPlace(this.#params, params);
		const { batchPairs } = this.#request.recipe.training;
		const logps: number[] = [];
		for (let i = 0; i < this.#probes.length; i += batchPairs) {
			const some = this.#probes.slice(i, i + batchPairs);
			const read = await this.#runner.logps(packForStep(some), this.#binding);
			logps.push(...read.subarray(0, 2 * some.length));
		}
		return logps;
	}
}

function sum(a: Float32Array, b: Float32Array, factor: 1 | -1 = 1): Float32Array {
	return a.map((value, i) => value + factor * (b[i] ?? 0));
}
