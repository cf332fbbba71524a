/**
 * Models whose widths no kernel reads (src/model/padding.ts): logits, loss, the gradient of every LoRA tensor and
 * generation equal a decoder in f64 that knows no padding.
 */
import { describe, expect, test } from 'vitest';
import { packBatch } from '#core/batch/pack.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { createDecoder } from '#model/decoder.ts';
import { generateBatch } from '#model/generate.ts';
import { deviceLora, fromStored, toStored } from '#model/lora.ts';
import { logitsOf, openLora, pairGradients } from '#tests/golden/modelNumbers.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { onEachBackend } from '#tests/support/backends.ts';
import { decoderProblem } from '#tests/support/decoderProblem.ts';
import { referenceGreedy, referenceLogits } from '#tests/support/decoderReference.ts';
import { modelOf, randomTensors } from '../../bench/models/randomModel.ts';

const LAYERS = { layers: 2, vocabSize: 40 };

/** The first two share their attention programs, which take seconds to compile. */
const MODELS: readonly (readonly [name: string, config: ModelConfig])[] = [
	[
		'3 heads × 6 over 1 key head',
		modelOf({ ...LAYERS, hiddenSize: 12, intermediateSize: 20, heads: 3, kvHeads: 1, headDim: 6 }),
	],
	[
		'head norms, biases, an untied head, and no size a multiple of 4',
		modelOf(
			{ ...LAYERS, vocabSize: 41, hiddenSize: 10, intermediateSize: 14, heads: 3, kvHeads: 1, headDim: 6 },
			{ architecture: 'qwen3', qkNorm: true, attentionBias: true, tieWordEmbeddings: false },
		),
	],
	[
		'head norms on 2 heads × 10',
		modelOf(
			{ ...LAYERS, hiddenSize: 13, intermediateSize: 9, heads: 2, kvHeads: 2, headDim: 10 },
			{ architecture: 'qwen3', qkNorm: true, rmsNormEps: 0.1 },
		),
	],
];

const PAIR = {
	id: 'p',
	promptIds: [3, 17, 21],
	chosenIds: [5, 29, 8],
	rejectedIds: [11, 2],
	truncated: false,
};

/** Made once, because the numbers in f64 are the same for every backend. */
const PROBLEMS = MODELS.map(([name, config]) => {
	const tensors = randomTensors(config, 5);
	return [name, { config, tensors, ...decoderProblem(config, tensors, PAIR) }] as const;
});

onEachBackend('a model of any width', (backend) => {
	describe.each(backend.startsWith('webgpu') ? PROBLEMS.slice(0, 2) : PROBLEMS)('%s', (_name, problem) => {
		const { config, tensors, adapter, reference, base, loss, slopeErrors } = problem;

		test('logits, adapter off and on', async () => {
			const model = createDecoder(config, tensors);
			const lora = openLora(model, adapter);
			const ids = [...PAIR.promptIds, ...PAIR.chosenIds];
			expectAllclose(await logitsOf(model, null, ids), referenceLogits(base, ids), {}, 'base');
			expectAllclose(
				await logitsOf(model, lora.binding, ids),
				referenceLogits(reference, ids),
				{},
				'adapted',
			);
			lora.dispose();
			model.dispose();
		});

		test('loss and the gradient of every LoRA tensor; none reaches the padding', async () => {
			const model = createDecoder(config, tensors);
			const packed = packBatch([PAIR]);
			const got = await pairGradients(model, adapter, packed, 'apo_zero');
			expect(got.loss).toBeCloseTo(loss(), 6);
			for (const [name, error] of slopeErrors(got.byName)) expect(error, name).toBeLessThan(1e-5);
			const lora = deviceLora(config, adapter.config);
			expect(fromStored(lora, toStored(lora, got.flat))).toEqual(got.flat);
			const again = await pairGradients(model, adapter, packed, 'apo_zero', 'inputs');
			expect(again.flat).toEqual(got.flat);
			model.dispose();
		});

		test('answers: the base, the adapter merged, and the adapter beside the weights', async () => {
			const model = createDecoder(config, tensors);
			const lora = openLora(model, adapter);
			const prompts = [[3, 17, 5], [3, 9], [30]];
			const rows = prompts.map((ids) => ({ ids, maxTokens: 6, temperature: 0, topP: 1, seed: 0 }));
			const answers = async (binding: typeof lora.binding | null, mergeBytes: number): Promise<number[][]> =>
				(await generateBatch(model, binding, rows, { stopIds: new Set(), mergeBytes })).map(({ ids }) => [
					...ids,
				]);
			const wanted = (one: typeof reference | typeof base): number[][] =>
				prompts.map((ids) => referenceGreedy(one, ids, 6));
			expect(await answers(null, 0)).toEqual(wanted(base));
			expect(await answers(lora.binding, 2 ** 20)).toEqual(wanted(reference));
			expect(await answers(lora.binding, 0)).toEqual(wanted(reference));
			expect(wanted(reference)).not.toEqual(wanted(base));
			lora.dispose();
			model.dispose();
		});
	});
});
