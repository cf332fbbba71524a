/** KTO's drift on the device: the mean log-ratio of a step's mismatched completions; see core/batch/mismatched.ts. */
import type { PackedBatch } from '#core/batch/pack.ts';
import { addDrift } from '#engine/kernels/drift/drift.ts';
import { flush, readLater, upload } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import type { Decoder } from '#model/decoder.ts';
import type { LoraBinding } from '#model/lora.ts';
import { logpsForward, logpsOnly } from '#model/logps.ts';
import { disposeBatch, uploadBatch } from '#model/packed.ts';

/** Records two forward passes per batch. @returns [1] the mean, which may be below 0; null without batches */
export function recordDrift(
	model: Decoder,
	mismatched: readonly PackedBatch[],
	lora: LoraBinding,
): Tensor1D | null {
	if (mismatched.length === 0) return null;
	const completions = mismatched.reduce((sum, { segments }) => sum + segments.count, 0);
	const batches = mismatched.map(uploadBatch);
	let sum = upload(new Float32Array(1), [1]) as Tensor1D;
	for (const batch of batches) {
		const [policy, reference] = [lora, null].map((binding) =>
			logpsOnly(logpsForward(model, batch, binding, 'none')),
		) as [Tensor1D, Tensor1D];
		const next = addDrift(policy, reference, sum, 1 / completions);
		for (const tensor of [policy, reference, sum]) tensor.dispose();
		disposeBatch(batch);
		sum = next;
	}
	return sum;
}

/** `kl` of a read mean: not below 0, as in the kernels. */
export function driftValue([mean = NaN]: Float32Array): number {
	return Math.max(0, mean);
}

/** Measures `kl` outside of a step; null without batches. */
export async function measureDrift(
	model: Decoder,
	mismatched: readonly PackedBatch[],
	lora: LoraBinding,
): Promise<number | null> {
	const drift = recordDrift(model, mismatched, lora);
	if (drift === null) return null;
	const reading = readLater(drift);
	drift.dispose();
	flush();
	return driftValue(await reading);
}
