/**
 * One optimiser step on the device: forward, the objective's gradient, backward, AdamW; one submit, and a readback that settles
 * while the next step runs.
 */
import { adamW, type AdamWOptions } from '#engine/kernels/adamW/adamW.ts';
import { preferenceGrad } from '#engine/kernels/preference/preference.ts';
import { clearInPlace, flush, readLater, upload } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import type { PackedBatch } from '#core/batch/pack.ts';
import type { Decoder, Keep } from '#model/decoder.ts';
import type { LoraBinding } from '#model/lora.ts';
import { logpsBackward, logpsForward, logpsOnly } from '#model/logps.ts';
import { disposeBatch, uploadBatch } from '#model/packed.ts';
import type { TrainBuffers } from './buffers.ts';

/** Some pairs of a step, packed, with their reference log-probabilities. */
export interface MicroBatch {
	packed: PackedBatch;
	/** [2·pairs + 1] interleaved, the last entry 0. */
	reference: Float32Array<ArrayBuffer>;
}

export interface StepOptions {
	/** An id of core's registry. */
	objective: string;
	beta: number;
	adamW: AdamWOptions;
	/** What the backward pass finds; it computes the rest again. */
	keep: Exclude<Keep, 'none'>;
}

export interface StepReading {
	/** Summed log-probabilities of the policy before the update, by micro-batch: [2·pairs + 1]. */
	logps: Float32Array[];
	/** L2 norm of the whole gradient before clipping. */
	gradNorm: number;
}

export class StepRunner {
	readonly #model: Decoder;

	constructor(model: Decoder) {
		this.#model = model;
	}

	/** Records and submits one step; parameters and moments change in place. */
	step(
		buffers: TrainBuffers,
		lora: LoraBinding,
		microBatches: readonly MicroBatch[],
		options: StepOptions,
	): Promise<StepReading> {
		const { scale, meanChosenTokens } = stepStatistics(microBatches);
		// All writes first: a write submits what was recorded before it, and then nothing has been.
		const inputs = microBatches.map(({ packed, reference }) => ({
			batch: uploadBatch(packed),
			refs: upload(reference, [reference.length]) as Tensor1D,
		}));
		clearInPlace(buffers.grads);
		const logps = inputs.map(({ batch, refs }) => {
			const pass = logpsForward(this.#model, batch, lora, options.keep);
			const dLogps = preferenceGrad(pass.logps, refs, {
				objective: options.objective,
				beta: options.beta,
				scale,
				meanChosenTokens,
			});
			const reading = readLater(pass.logps);
			logpsBackward(this.#model, batch, lora, pass, dLogps, buffers.grads);
			for (const tensor of [pass.logps, dLogps, refs]) tensor.dispose();
			disposeBatch(batch);
			return reading;
		});
		const normSq = adamW(buffers, options.adamW);
		const norm = readLater(normSq);
		normSq.dispose();
		flush();
		return settle(logps, norm);
	}

	/** Summed log-probabilities [2·pairs + 1] of a batch; a null adapter gives the reference. */
	async logps(packed: PackedBatch, lora: LoraBinding | null): Promise<Float32Array> {
		const batch = uploadBatch(packed);
		const logps = logpsOnly(logpsForward(this.#model, batch, lora, 'none'));
		const reading = readLater(logps);
		logps.dispose();
		disposeBatch(batch);
		flush();
		return reading;
	}
}

/** What the gradient of one pair needs of the whole step. */
function stepStatistics(microBatches: readonly MicroBatch[]): { scale: number; meanChosenTokens: number } {
	let [pairs, chosenTokens] = [0, 0];
	for (const { packed } of microBatches) {
		pairs += packed.pairs;
		chosenTokens += packed.chosenTokens.reduce((sum, n) => sum + n, 0);
	}
	return { scale: 1 / pairs, meanChosenTokens: chosenTokens / pairs };
}

async function settle(logps: Promise<Float32Array>[], norm: Promise<Float32Array>): Promise<StepReading> {
	const [all, normSq] = await Promise.all([Promise.all(logps), norm]);
	return { logps: all, gradNorm: Math.sqrt(normSq[0] ?? NaN) };
}
