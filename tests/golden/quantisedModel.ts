/**
 * A golden model in MLC's 4 bits, read like a published folder, against the f64 decoder on the dequantised
 * weights.
 */
import { expect } from 'vitest';
import { packBatch } from '#core/batch/pack.ts';
import { readSafetensors } from '#core/format/safetensors.ts';
import { asFloats } from '#core/format/numberFormat.ts';
import { configFromHf } from '#core/model/config.ts';
import { createDecoder } from '#model/decoder.ts';
import { fuseWeights } from '#model/fuse.ts';
import { joinQuantised } from '#tests/support/modelTensors.ts';
import { decodeRecord, type WeightTensor } from '#runtime/models/tensors.ts';
import { expectAllclose, largest } from '#tests/support/allclose.ts';
import { decoderProblem } from '#tests/support/decoderProblem.ts';
import { referenceGreedy, referenceLogits } from '#tests/support/decoderReference.ts';
import { quantiseMlc } from '#tests/support/quantise.ts';
import { readJson, type ReadGolden } from './goldenModel.ts';
import { generateIds, logitsOf, openLora, pairGradients, sideLogps } from './modelNumbers.ts';

const PAIR = {
	id: 'p',
	promptIds: [3, 170, 21],
	chosenIds: [5, 290, 8, 44],
	rejectedIds: [111, 2],
	truncated: false,
};

/** One module per fused projection of the first layer, because a derivative in f64 takes four passes. */
const COMPARED: readonly string[] = ['v_proj', 'o_proj', 'up_proj', 'down_proj'];

/** Every matrix quantised; through the records of a shard. */
function quantisedTensors(
	read: ReadGolden,
	folder: string,
	scales: 'f16' | 'f32',
): Map<string, WeightTensor> {
	const { tensors } = readSafetensors(read(`${folder}/model.safetensors`));
	const records = new Map<string, WeightTensor>();
	const put = (name: string, shape: number[], data: Float32Array | Uint16Array | Uint32Array): void => {
		const dtype =
			data instanceof Float32Array ? 'float32' : data instanceof Uint16Array ? 'float16' : 'uint32';
		const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
		const record = { name, shape, dtype, format: 'raw', nbytes: bytes.length, byteOffset: 0 };
		records.set(name, decodeRecord(record, bytes, 'shard'));
	};
	for (const [name, { shape, data }] of fuseWeights(tensors)) {
		const [rows = 0, columns] = shape;
		if (columns === undefined) {
			put(`model.${name}`, [rows], data);
			continue;
		}
		const quantised = quantiseMlc(data, scales);
		const plain = `model.${name.replace(/\.weight$/, '')}`;
		put(`${plain}.q_weight`, [rows, columns / 8], quantised.words);
		put(`${plain}.q_scale`, [rows, columns / 32], quantised.scales);
	}
	return joinQuantised(records, { quantization: `q4${scales}_1` });
}

/** Logits, log-probabilities, loss, gradients of the adapter and greedy answers. */
export async function compareQuantised(
	read: ReadGolden,
	folder: string,
	scales: 'f16' | 'f32',
): Promise<{ bytes: number; parameters: number }> {
	const config = configFromHf(readJson(read, `${folder}/config.json`));
	const tensors = quantisedTensors(read, folder, scales);
	const floats = new Map(
		[...fuseWeights(tensors)].map(([name, tensor]) => [name, { data: asFloats(tensor) }] as const),
	);
	const { adapter, reference, base, loss, slopeErrors } = decoderProblem(config, floats, PAIR);
	const model = createDecoder(config, tensors);
	const lora = openLora(model, adapter);
	const ids = [...PAIR.promptIds, ...PAIR.chosenIds];
	expectAllclose(await logitsOf(model, null, ids), referenceLogits(base, ids), {}, 'logits');
	const adapted = referenceLogits(reference, ids);
	const near = { atol: 5e-6 * largest(adapted) };
	expectAllclose(await logitsOf(model, lora.binding, ids), adapted, near, 'adapted logits');
	const packed = packBatch([PAIR]);
	const [sides] = await sideLogps(model, packed, lora.binding);
	const V = config.vocabSize;
	const logps = PAIR.chosenIds.map((id, i) => {
		const row = adapted.subarray((PAIR.promptIds.length + i - 1) * V, (PAIR.promptIds.length + i) * V);
		return (row[id] ?? NaN) - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
	});
	expectAllclose(sides?.chosen.tokens ?? [], logps, near, 'log-probabilities');
	const got = await pairGradients(model, adapter, packed, 'apo_zero');
	expect(got.loss).toBeCloseTo(loss(), 6);
	const isCompared = (layer: number, module: string): boolean => layer === 0 && COMPARED.includes(module);
	for (const [name, error] of slopeErrors(got.byName, isCompared)) expect(error, name).toBeLessThan(1e-5);
	const prompt = PAIR.promptIds;
	expect(await generateIds(model, null, [prompt], 4)).toEqual([referenceGreedy(base, prompt, 4)]);
	expect(await generateIds(model, lora.binding, [prompt], 4)).toEqual([
		referenceGreedy(reference, prompt, 4),
	]);
	const { bytes } = model.weights;
	lora.dispose();
	model.dispose();
	return { bytes, parameters: [...floats.values()].reduce((sum, { data }) => sum + data.length, 0) };
}
