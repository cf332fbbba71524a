/** Numbers of the model tests, computed with the model's functions; shared by golden and GPU tests. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { moduleName } from '#core/adapter/projections.ts';
import type { PackedBatch } from '#core/batch/pack.ts';
import { examplesOf } from '#core/batch/segments.ts';
import { preferenceGrad } from '#engine/kernels/preference/preference.ts';
import { uploadSegments } from '#engine/kernels/preference/segments.ts';
import { readNow } from '#engine/memory.ts';
import { tensor1d, zeros, type Tensor1D } from '#engine/tensor.ts';
import type { Decoder, Keep } from '#model/decoder.ts';
import { generateBatch } from '#model/generate.ts';
import { logpsBackward, logpsForward, logpsOnly } from '#model/logps.ts';
import { adapterOf, bindLora, deviceLora, paramsOf, type LoraBinding } from '#model/lora.ts';
import { disposeBatch, uploadBatch } from '#model/packed.ts';
import { positionLogits } from '#model/positions.ts';
import { lossMetrics } from '#train/metrics.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { stepValues } from '#train/values.ts';

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
	return examplesOf(packed.segments).map(({ chosen, rejected }) => ({
		chosen: side(chosen!),
		rejected: side(rejected!),
	}));
}

/** Gradient of the mean loss at β = 0.1, by PEFT's names, with the adapter switched off as the reference. */
export async function pairGradients(
	model: Decoder,
	adapter: Adapter,
	packed: PackedBatch,
	objectiveId: string,
	keep: Exclude<Keep, 'none'> = 'all',
): Promise<{ byName: Map<string, Float32Array>; norm: number; loss: number; flat: Float32Array }> {
	const micro = { packed, reference: new Float32Array() };
	const values = stepValues({ beta: 0.1 }, [micro]);
	const objective = objectiveOf(objectiveId);
	const lora = deviceLora(model.config, adapter.config);
	const params = tensor1d(paramsOf(lora, adapter));
	const grads: Tensor1D = zeros([params.size]);
	const binding = bindLora(lora, params);
	const batch = uploadBatch(packed);
	const reference = logpsOnly(logpsForward(model, batch, null, 'none'));
	const pass = logpsForward(model, batch, binding, keep);
	const { segments } = packed;
	const table = uploadSegments(segments);
	const scale = 1 / examplesOf(segments).length;
	const dLogps = preferenceGrad(pass.logps, reference, table, { objective, step: values, scale });
	logpsBackward(model, batch, binding, pass, dLogps, grads);
	const [flat, policy, ref] = [await readNow(grads), await readNow(pass.logps), await readNow(reference)];
	for (const tensor of [reference, pass.logps, dLogps, table.rows, params, grads]) tensor.dispose();
	disposeBatch(batch);
	const { matrices } = adapterOf(lora, flat, { id: 'gradient', step: 0 });
	const byName = new Map<string, Float32Array>();
	for (const { layer, module, loraA, loraB } of matrices) {
		const name = `base_model.model.model.layers.${layer}.${moduleName(module)}`;
		byName.set(`${name}.lora_A.weight`, loraA);
		byName.set(`${name}.lora_B.weight`, loraB);
	}
	const { metrics } = lossMetrics(objective, values, { segments, policy: [...policy], reference: [...ref] });
	return { byName, norm: Math.sqrt(flat.reduce((sum, g) => sum + g * g, 0)), loss: metrics.loss, flat };
}

/** Greedy ids, without stopping at the end-of-sequence token. */
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
