/** What the model tests compare, computed through the model's own functions; shared by the golden and the GPU tests. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { moduleName } from '#core/adapter/projections.ts';
import type { PackedBatch } from '#core/batch/pack.ts';
import { pairLoss } from '#core/loss/pairLoss.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { preferenceGrad } from '#engine/kernels/preference/preference.ts';
import { readNow } from '#engine/memory.ts';
import { tensor1d, zeros, type Tensor1D } from '#engine/tensor.ts';
import type { Decoder, Keep } from '#model/decoder.ts';
import { generateBatch } from '#model/generate.ts';
import { logpsBackward, logpsForward, logpsOnly } from '#model/logps.ts';
import { adapterOf, bindLora, deviceLora, paramsOf, type LoraBinding } from '#model/lora.ts';
import { disposeBatch, uploadBatch } from '#model/packed.ts';
import { positionLogits } from '#model/positions.ts';

export function openLora(
	model: Decoder,
	adapter: Adapter,
	strength = 1,
): { binding: LoraBinding; dispose: () => void } {
	const lora = deviceLora(model.config, adapter.config);
	const params = tensor1d(paramsOf(lora, adapter));
	return { binding: bindLora(lora, params, strength), dispose: () => params.dispose() };
}

/** [T·V] */
export function logitsOf(
	model: Decoder,
	lora: LoraBinding | null,
	ids: readonly number[],
): Promise<Float32Array> {
	return positionLogits(model, lora, ids);
}

export interface SideLogps {
	sum: number;
	tokens: number[];
}

export async function sideLogps(
	model: Decoder,
	packed: PackedBatch,
	lora: LoraBinding | null,
): Promise<{ chosen: SideLogps; rejected: SideLogps }[]> {
	const batch = uploadBatch(packed);
	const pass = logpsForward(model, batch, lora, 'none');
	const tokens = await readNow(pass.tokenLogps);
	const logps = logpsOnly(pass);
	const sums = await readNow(logps);
	logps.dispose();
	disposeBatch(batch);
	const side = (segment: number): SideLogps => ({
		sum: sums[segment]!,
		tokens: [...tokens].filter((_, n) => packed.segment[n] === segment),
	});
	return Array.from({ length: packed.pairs }, (_, i) => ({ chosen: side(2 * i), rejected: side(2 * i + 1) }));
}

/** Gradient of the mean loss at β = 0.1, by PEFT's names, with the adapter off as the reference. */
export async function pairGradients(
	model: Decoder,
	adapter: Adapter,
	packed: PackedBatch,
	objective: string,
	keep: Exclude<Keep, 'none'> = 'all',
): Promise<{ byName: Map<string, Float32Array>; norm: number; loss: number; flat: Float32Array }> {
	const beta = 0.1;
	const lora = deviceLora(model.config, adapter.config);
	const params = tensor1d(paramsOf(lora, adapter));
	const grads: Tensor1D = zeros([params.size]);
	const binding = bindLora(lora, params);
	const batch = uploadBatch(packed);
	const reference = logpsOnly(logpsForward(model, batch, null, 'none'));
	const pass = logpsForward(model, batch, binding, keep);
	const dLogps = preferenceGrad(pass.logps, reference, {
		objective,
		beta,
		scale: 1 / packed.pairs,
		meanChosenTokens: packed.chosenTokens.reduce((sum, n) => sum + n, 0) / packed.pairs,
	});
	logpsBackward(model, batch, binding, pass, dLogps, grads);
	const [flat, policy, ref] = [await readNow(grads), await readNow(pass.logps), await readNow(reference)];
	for (const tensor of [reference, pass.logps, dLogps, params, grads]) tensor.dispose();
	disposeBatch(batch);
	const { matrices } = adapterOf(lora, flat, { id: 'gradient', step: 0 });
	const byName = new Map<string, Float32Array>();
	for (const { layer, module, loraA, loraB } of matrices) {
		const name = `base_model.model.model.layers.${layer}.${moduleName(module)}`;
		byName.set(`${name}.lora_A.weight`, loraA);
		byName.set(`${name}.lora_B.weight`, loraB);
	}
	const even = (list: Float32Array): number[] =>
		[...list.subarray(0, 2 * packed.pairs)].filter((_, i) => i % 2 === 0);
	const odd = (list: Float32Array): number[] =>
		[...list.subarray(0, 2 * packed.pairs)].filter((_, i) => i % 2 === 1);
	const { loss } = pairLoss(objectiveOf(objective), beta, {
		policyChosen: even(policy),
		policyRejected: odd(policy),
		refChosen: even(ref),
		refRejected: odd(ref),
		chosenTokens: packed.chosenTokens,
		rejectedTokens: packed.rejectedTokens,
	});
	return { byName, norm: Math.sqrt(flat.reduce((sum, g) => sum + g * g, 0)), loss, flat };
}

/** Greedy ids, never stopped. */
export async function generateIds(
	model: Decoder,
	lora: LoraBinding | null,
	prompts: readonly (readonly number[])[],
	maxTokens: number,
): Promise<number[][]> {
	const rows = prompts.map((ids) => ({ ids, maxTokens, temperature: 0, topP: 1, seed: 0 }));
	const results = await generateBatch(model, lora, rows, { stopIds: new Set() });
	return results.map(({ ids }) => [...ids]);
}
