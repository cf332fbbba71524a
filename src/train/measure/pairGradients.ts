/** Measures the gradient of each pair alone at one adapter, and its effect on a held-out loss; see core/loss/pairGradient.ts. */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import { readsDrift } from '#core/loss/example.ts';
import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import type { PairGradient } from '#core/loss/pairGradient.ts';
import { at } from '#core/math/at.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { upload } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import type { Decoder } from '#model/decoder.ts';
import { bindLora, deviceLora, initialParams, paramsOf, type LoraBinding } from '#model/lora.ts';
import { measureDrift } from '../drift.ts';
import { lossMetrics, stepLogps } from '../metrics.ts';
import { mismatchedBatches } from '../microBatches.ts';
import { packForStep } from '../pack.ts';
import { StepRunner, type MicroBatch } from '../step.ts';
import { stepOptions } from '../stepOptions.ts';
import { withDrift } from '../values.ts';
import { LossGradients } from './gradients.ts';
import { inTurn, type MeasuringParts } from './inTurn.ts';

export interface PairGradientRequest extends MeasuringParts {
	model: Decoder;
	recipe: Recipe;
	pairs: readonly TokenizedPair[];
	/** Pairs whose mean loss the effects are on; empty if there are none. */
	heldOut: readonly TokenizedPair[];
	/** Pairs whose mismatched completions give the drift, for an objective that reads it: a pair alone has none. */
	drift: readonly TokenizedPair[];
	/** Null measures at the untrained adapter. */
	adapter: Adapter | null;
	onPair: (pair: PairGradient) => void;
}

/** @throws Cancelled · the device's errors */
export async function pairGradients(request: PairGradientRequest): Promise<readonly PairGradient[]> {
	const { pairs, onPair } = request;
	const measuring = new Measuring(request);
	try {
		await measuring.measureDrift();
		const heldOut = await measuring.heldOutGradient();
		const measured: PairGradient[] = [];
		for (const pair of pairs) {
			const one = await measuring.pair(pair, heldOut);
			measured.push(one);
			onPair(one);
		}
		return measured;
	} finally {
		measuring.dispose();
	}
}

class Measuring {
	readonly #request: PairGradientRequest;
	readonly #runner: StepRunner;
	readonly #params: Tensor1D;
	readonly #gradients: LossGradients;
	readonly #binding: LoraBinding;
	/** Null if the objective does not read it. */
	#drift: number | null = null;

	constructor(request: PairGradientRequest) {
		const { model, recipe, adapter } = request;
		const lora = deviceLora(model.config, adapter?.config ?? recipe.lora);
		const params = adapter === null ? initialParams(lora, recipe.lora.seed) : paramsOf(lora, adapter);
		this.#request = request;
		this.#runner = new StepRunner(model);
		this.#params = upload(params, [params.length]) as Tensor1D;
		const { objective } = stepOptions(recipe, 'inputs', [], { step: 1, lr: 0 });
		this.#binding = bindLora(lora, this.#params);
		this.#gradients = new LossGradients(model, this.#binding, objective);
	}

	/** The drift of this adapter, as one step over all the pairs that give it would measure it. */
	async measureDrift(): Promise<void> {
		const { recipe, drift, model } = this.#request;
		const { batchPairs, maxLength } = recipe.training;
		if (drift.length === 0 || !readsDrift(objectiveFor(recipe.objective))) return;
		const batches = Array.from({ length: Math.ceil(drift.length / batchPairs) }, (_, n) =>
			drift.slice(n * batchPairs, (n + 1) * batchPairs),
		);
		const packed = mismatchedBatches(batches, maxLength).map(packForStep);
		this.#drift = await inTurn(this.#request, () => measureDrift(model, packed, this.#binding));
	}

	/** The gradient of the mean held-out loss, [P]; null if nothing is held out. */
	async heldOutGradient(): Promise<Float32Array | null> {
		const { heldOut, recipe } = this.#request;
		const { batchPairs } = recipe.training;
		let sum: Float32Array | null = null;
		for (let i = 0; i < heldOut.length; i += batchPairs) {
			const some = heldOut.slice(i, i + batchPairs);
			const { gradient } = await inTurn(this.#request, () => this.#gradient(some));
			const share = some.length / heldOut.length;
			sum = gradient.map((value, p) => (sum?.[p] ?? 0) + share * value);
		}
		return sum;
	}

	async pair(pair: TokenizedPair, heldOut: Float32Array | null): Promise<PairGradient> {
		const { gradient, loss, rewards } = await inTurn(this.#request, () => this.#gradient([pair]));
		const [chosen, rejected] = [at(rewards, 0), at(rewards, 1)];
		return {
			...{ pairId: pair.id, loss, chosen, rejected },
			gradNorm: Math.sqrt(dot(gradient, gradient)),
			effect: heldOut === null ? null : 0 - dot(heldOut, gradient),
		};
	}

	dispose(): void {
		this.#gradients.dispose();
		this.#params.dispose();
	}

	async #gradient(pairs: readonly TokenizedPair[]) {
		const packed = packForStep(pairs);
		const reference = Float32Array.from(await this.#runner.logps(packed, null));
		const microBatches: MicroBatch[] = [{ packed, reference }];
		const options = stepOptions(this.#request.recipe, 'inputs', microBatches, { step: 1, lr: 0 });
		const { objective } = options;
		const values = withDrift(options.values, this.#drift);
		const { gradient, logps } = await this.#gradients.of(microBatches, values, 'both');
		const { metrics, rewards } = lossMetrics(objective, values, stepLogps(microBatches, logps));
		return { gradient, rewards, loss: metrics.loss };
	}
}

function dot(a: Float32Array, b: Float32Array): number {
	let sum = 0;
	for (const [i, value] of a.entries()) sum += value * (b[i] ?? 0);
	return sum;
}
