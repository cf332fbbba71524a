/**
 * One optimiser step on the device: forward, the objective's gradient, backward, AdamW; one submit, and a readback that settles
 * while the next step runs.
 */
import { adamW, type AdamWOptions } from '#engine/kernels/adamW/adamW.ts';
import { preferenceGrad } from '#engine/kernels/preference/preference.ts';
import { uploadSegments } from '#engine/kernels/preference/segments.ts';
import { clearInPlace, flush, readLater, upload } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import type { PackedBatch } from '#core/batch/pack.ts';
import { countUnpaired, examplesOf } from '#core/batch/segments.ts';
import { expectPartners, type StepValues } from '#core/loss/example.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import type { Decoder, Keep } from '#model/decoder.ts';
import type { LoraBinding } from '#model/lora.ts';
import { logpsBackward, logpsForward, logpsOnly } from '#model/logps.ts';
import { disposeBatch, uploadBatch } from '#model/packed.ts';
import type { TrainBuffers } from './buffers.ts';
import { driftValue, recordDrift } from './drift.ts';

/** Packed examples of a step, with their reference log-probabilities. */
export interface MicroBatch {
	packed: PackedBatch;
	/** [S] by segment. */
	reference: Float32Array<ArrayBuffer>;
	/** The packed mismatched examples, if the objective reads `kl`; see core/batch/mismatched.ts. */
	mismatched?: PackedBatch;
}

export interface StepOptions {
	objective: CompiledObjective;
	values: StepValues;
	adamW: AdamWOptions;
	/** Activations kept for the backward pass, which recomputes the rest. */
	keep: Exclude<Keep, 'none'>;
}

export interface StepReading {
	/** Summed log-probabilities of the policy before the update, by micro-batch: [S] by segment. */
	logps: Float32Array[];
	/** L2 norm of the whole gradient before clipping. */
	gradNorm: number;
	/** Mean log-ratio of the mismatched completions, not below 0; null without. */
	kl: number | null;
}

export class StepRunner {
	readonly #model: Decoder;

	constructor(model: Decoder) {
		this.#model = model;
	}

	/**
	 * Records and submits one step; parameters and moments change in place.
	 *
	 * @throws ShapeError `example-unpaired`, before anything is recorded
	 */
	step(
		buffers: TrainBuffers,
		lora: LoraBinding,
		microBatches: readonly MicroBatch[],
		options: StepOptions,
	): Promise<StepReading> {
		const { objective, values } = options;
		const segments = microBatches.map(({ packed }) => packed.segments);
		for (const some of segments) expectPartners(objective, countUnpaired(some));
		const examples = segments.reduce((sum, some) => sum + examplesOf(some).length, 0);
		// All writes come first, because a write submits all commands recorded before it.
		const inputs = microBatches.map(({ packed, reference }) => ({
			batch: uploadBatch(packed),
			refs: upload(reference, [reference.length]) as Tensor1D,
			table: uploadSegments(packed.segments),
		}));
		const mismatched = microBatches.flatMap((one) => one.mismatched ?? []);
		const drift = recordDrift(this.#model, mismatched, lora);
		clearInPlace(buffers.grads);
		const logps = inputs.map(({ batch, refs, table }) => {
			const pass = logpsForward(this.#model, batch, lora, options.keep);
			const gradOptions = { objective, step: values, scale: 1 / examples };
			const dLogps = preferenceGrad(pass.logps, refs, table, gradOptions, drift);
			const reading = readLater(pass.logps);
			logpsBackward(this.#model, batch, lora, pass, dLogps, buffers.grads);
			for (const tensor of [pass.logps, dLogps, refs, table.rows]) tensor.dispose();
			disposeBatch(batch);
			return reading;
		});
		const normSq = adamW(buffers, options.adamW);
		const norm = readLater(normSq);
		normSq.dispose();
		const kl = drift === null ? null : readLater(drift);
		drift?.dispose();
		flush();
		return settle(logps, norm, kl);
	}

	/** Summed log-probabilities [S] of a batch; a null adapter gives the reference. */
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

async function settle(
	logps: Promise<Float32Array>[],
	norm: Promise<Float32Array>,
	drift: Promise<Float32Array> | null,
): Promise<StepReading> {
	const [all, normSq, mean] = await Promise.all([Promise.all(logps), norm, drift]);
	return {
		logps: all,
		gradNorm: Math.sqrt(normSq[0] ?? NaN),
		kl: mean === null ? null : driftValue(mean),
	};
}
