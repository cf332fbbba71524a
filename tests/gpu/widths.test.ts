/**
 * Models whose widths no kernel reads (src/model/padding.ts): logits, loss, the gradient of every LoRA tensor and
 * generation equal a decoder in f64 that knows no padding.
 */
import { describe, expect, test } from 'vitest';
import { packBatch } from '#core/batch/pack.ts';
import { moduleName } from '#core/adapter/projections.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { createDecoder } from '#model/decoder.ts';
import { generateBatch } from '#model/generate.ts';
import { deviceLora, fromStored, toStored } from '#model/lora.ts';
import { logitsOf, openLora, pairGradients } from '#tests/golden/modelNumbers.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { onEachBackend } from '#tests/support/backends.ts';
import {
	referenceGreedy,
	referenceLogits,
	referenceLogp,
	type ReferenceAdapter,
} from '#tests/support/decoderReference.ts';
import { randomAdapter } from '#tests/support/randomAdapter.ts';
import { dotProduct, normals } from '#tests/support/tensors.ts';
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
const PROMPTS = [[3, 17, 5], [3, 9], [30]];
const RANK = 3;
const BETA = 0.1;

const directionOf = (length: number) => normals(length, 7);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Computes a value when it is first asked for: the numbers in f64 are the same for every backend. */
function once<T>(compute: () => T): () => T {
	let value: { of: T } | null = null;
	return () => (value ??= { of: compute() }).of;
}

/** The model, an adapter, and their numbers in f64. */
function problemOf(config: ModelConfig) {
	const tensors = randomTensors(config, 5);
	const adapter = randomAdapter(config, RANK, 6, 0.3);
	const reference = { config, tensors, adapter };
	const base = { config, tensors, adapter: null };
	const matrices = adapter.matrices.map((m) => ({
		...m,
		loraA: Float64Array.from(m.loraA),
		loraB: Float64Array.from(m.loraB),
	}));
	const sides = (one: { config: ModelConfig; tensors: typeof tensors; adapter: ReferenceAdapter | null }) =>
		[PAIR.chosenIds, PAIR.rejectedIds].map((ids) => referenceLogp(one, PAIR.promptIds, ids));
	const [chosen = NaN, rejected = NaN] = sides(base);
	/** APO-zero of the pair. */
	const loss = (): number => {
		const [w = NaN, l = NaN] = sides({ config, tensors, adapter: { ...adapter, matrices } });
		return 1 - sigmoid(BETA * (w - chosen)) + sigmoid(BETA * (l - rejected));
	};
	/** Derivative of the loss along the direction of one matrix. */
	const slope = (values: Float64Array): number => {
		const direction = directionOf(values.length);
		const start = values.slice();
		const along = (step: number): number => {
			values.forEach((_, i) => (values[i] = (start[i] ?? 0) + step * (direction[i] ?? 0)));
			return loss();
		};
		const derivative = (along(1e-5) - along(-1e-5)) / 2e-5;
		along(0);
		return derivative;
	};
	const greedy = (one: typeof reference | typeof base): number[][] =>
		PROMPTS.map((ids) => referenceGreedy(one, ids, 6));
	return {
		...{ config, tensors, adapter, reference, base },
		loss: once(loss),
		slopes: once(() =>
			matrices.flatMap(({ layer, module, loraA, loraB }) =>
				[loraA, loraB].map((values, side) => ({
					name: `base_model.model.model.layers.${layer}.${moduleName(module)}.lora_${side === 0 ? 'A' : 'B'}.weight`,
					length: values.length,
					slope: slope(values),
				})),
			),
		),
		answers: once(() => ({ base: greedy(base), adapted: greedy(reference) })),
	};
}

const PROBLEMS = MODELS.map(([name, config]) => [name, problemOf(config)] as const);

onEachBackend('a model of any width', (backend) => {
	describe.each(backend.startsWith('webgpu') ? PROBLEMS.slice(0, 2) : PROBLEMS)('%s', (_name, problem) => {
		const { config, tensors, adapter, reference, base } = problem;

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
			expect(got.loss).toBeCloseTo(problem.loss(), 6);
			for (const { name, length, slope } of problem.slopes()) {
				const found = got.byName.get(name) ?? new Float32Array();
				expect(found).toHaveLength(length);
				const direction = directionOf(length);
				const size = Math.sqrt(dotProduct(found, found) * dotProduct(direction, direction));
				const error = Math.abs(dotProduct(found, direction) - slope);
				expect(error / size, name).toBeLessThan(1e-5);
			}
			const lora = deviceLora(config, adapter.config);
			expect(fromStored(lora, toStored(lora, got.flat))).toEqual(got.flat);
			const again = await pairGradients(model, adapter, packed, 'apo_zero', 'inputs');
			expect(again.flat).toEqual(got.flat);
			model.dispose();
		});

		test('answers: the base, the adapter merged, and the adapter beside the weights', async () => {
			const model = createDecoder(config, tensors);
			const lora = openLora(model, adapter);
			const rows = PROMPTS.map((ids) => ({ ids, maxTokens: 6, temperature: 0, topP: 1, seed: 0 }));
			const answers = async (binding: typeof lora.binding | null, mergeBytes: number): Promise<number[][]> =>
				(await generateBatch(model, binding, rows, { stopIds: new Set(), mergeBytes })).map(({ ids }) => [
					...ids,
				]);
			const wanted = problem.answers();
			expect(await answers(null, 0)).toEqual(wanted.base);
			expect(await answers(lora.binding, 2 ** 20)).toEqual(wanted.adapted);
			expect(await answers(lora.binding, 0)).toEqual(wanted.adapted);
			expect(wanted.adapted).not.toEqual(wanted.base);
			lora.dispose();
			model.dispose();
		});
	});
});
