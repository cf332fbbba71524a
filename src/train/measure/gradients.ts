/** Gradients of the loss by the adapter, read to the host: of both sides of a batch, or of one of them. */
import { CHOSEN, examplesOf } from '#core/batch/segments.ts';
import { segmentGradients } from '#core/loss/batchLoss.ts';
import type { StepValues } from '#core/loss/example.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { at } from '#core/math/at.ts';
import { clearInPlace, flush, readLater, upload, zeroed } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import type { Decoder } from '#model/decoder.ts';
import type { LoraBinding } from '#model/lora.ts';
import { logpsBackward, logpsForward } from '#model/logps.ts';
import { disposeBatch, uploadBatch } from '#model/packed.ts';
import { measureDrift } from '../drift.ts';
import type { MicroBatch } from '../step.ts';
import { withDrift } from '../values.ts';

export type GradientSide = 'chosen' | 'rejected' | 'both';

export interface LossGradient {
	/** [P] in the device's order. */
	gradient: Float32Array;
	/** Summed log-probabilities of the policy by micro-batch, [S] by segment. */
	logps: readonly Float32Array[];
}

export class LossGradients {
	readonly #model: Decoder;
	readonly #lora: LoraBinding;
	readonly #objective: CompiledObjective;
	readonly #sums: Tensor1D;

	/** @param lora whose current parameters are measured; they do not change */
	constructor(model: Decoder, lora: LoraBinding, objective: CompiledObjective) {
		this.#model = model;
		this.#lora = lora;
		this.#objective = objective;
		this.#sums = zeroed([lora.params.size]) as Tensor1D;
	}

	/** The values of a step with its drift at the current parameters, if the objective reads it. */
	async withDrift(microBatches: readonly MicroBatch[], values: StepValues): Promise<StepValues> {
		const mismatched = microBatches.flatMap((one) => one.mismatched ?? []);
		return withDrift(values, await measureDrift(this.#model, mismatched, this.#lora));
	}

	/**
	 * The gradient of the mean loss over the examples of a step.
	 *
	 * @param values with the drift, if the objective reads it: see {@link withDrift}
	 * @param side through which log-probabilities it flows: those of the chosen answers, of the rejected ones, or both
	 */
	async of(
		microBatches: readonly MicroBatch[],
		values: StepValues,
		side: GradientSide,
	): Promise<LossGradient> {
		const segments = microBatches.map(({ packed }) => packed.segments);
		const examples = segments.reduce((sum, some) => sum + examplesOf(some).length, 0);
		clearInPlace(this.#sums);
		const logps: Float32Array[] = [];
		for (const microBatch of microBatches) logps.push(await this.#add(microBatch, values, side, examples));
		const reading = readLater(this.#sums);
		flush();
		return { gradient: await reading, logps };
	}

	dispose(): void {
		this.#sums.dispose();
	}

	async #add(
		{ packed, reference }: MicroBatch,
		values: StepValues,
		side: GradientSide,
		examples: number,
	): Promise<Float32Array> {
		const batch = uploadBatch(packed);
		// Recomputes activations: a measurement beside a run should take little memory.
		const pass = logpsForward(this.#model, batch, this.#lora, 'inputs');
		const reading = readLater(pass.logps);
		flush();
		const policy = await reading;
		const { segments } = packed;
		const all = segmentGradients(this.#objective, values, { segments, policy, reference });
		const wanted = Float32Array.from(all, (gradient, s) =>
			side === 'both' || (at(segments.labels, s) === CHOSEN) === (side === 'chosen')
				? gradient / examples
				: 0,
		);
		const dLogps = upload(wanted, [wanted.length]) as Tensor1D;
		logpsBackward(this.#model, batch, this.#lora, pass, dLogps, this.#sums);
		for (const tensor of [pass.logps, dLogps]) tensor.dispose();
		disposeBatch(batch);
		return policy;
	}
}
