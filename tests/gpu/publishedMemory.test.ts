/** The memory that the catalogue states for a published model, before it is loaded, is the memory that its run plans with. */
import { expect, test } from 'vitest';
import { samplingBytes, trainingMemory, weightBytes } from '#core/model/memory.ts';
import { PUBLISHED_MODELS } from '#core/model/published/registry.ts';
import type { Activations } from '#core/recipe/recipe.ts';
import { publishedRecipe } from '#core/recipe/suggested.ts';
import { openDevice } from '#engine/device.ts';
import { rehearse, upload } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import { rehearseBatch } from '#model/generate.ts';
import { bindLora, deviceLora } from '#model/lora.ts';
import { planRun } from '#train/plan.ts';
import { imaginaryDecoder } from '../../bench/models/imaginaryModel.ts';

/** One of each architecture, with narrow and wide feed-forward layers, in the formats of their downloads. */
const FORMATS = {
	'smollm2-135m-instruct': 'bf16',
	'qwen2.5-0.5b-instruct': 'q4',
	'qwen3-1.7b': 'bf16',
	'llama-3.1-8b-instruct': 'q4',
} as const;
const ids = (length: number): number[] => Array.from({ length }, () => 1);
const PROMPT = 64;
/** The share that README names. */
const MOST_OFF = 0.06;

test.each(Object.entries(FORMATS).map(([id, format]) => ({ id, format })))(
	'$id in $format',
	async ({ id, format }) => {
		const model = PUBLISHED_MODELS.find((one) => one.id === id);
		if (model === undefined) throw new Error(`no ${id}`);
		const placement = { stored: format, storage: 'stored', backend: 'webgpu' } as const;
		await openDevice({ backend: 'webgpu' });
		const { config } = model;
		const recipe = publishedRecipe(model);
		const lora = deviceLora(config, recipe.lora);
		const decoder = imaginaryDecoder(config, 2048, format);
		expect(Math.abs(weightBytes(config, placement) / decoder.weights.bytes - 1)).toBeLessThan(0.001);

		const answer = ids(recipe.sampling.maxTokens);
		const sides = { promptIds: ids(PROMPT), chosenIds: answer, rejectedIds: answer, truncated: false };
		const pairs = Array.from({ length: recipe.training.batchPairs }, (_, i) => ({ id: `${i}`, ...sides }));
		for (const activations of ['keep', 'lean', 'recompute'] satisfies Activations[]) {
			const { plan } = await planRun({
				...{ model: decoder, lora, pairs, answers: [] },
				recipe: { ...recipe, training: { ...recipe.training, steps: 1, activations } },
				order: () => pairs.map((_, i) => i),
			});
			const planned = plan.estimatedBytes;
			const stated = statedFor(activations);
			expect(
				Math.abs(stated / planned - 1),
				`${activations}: states ${stated}, plans ${planned}`,
			).toBeLessThan(MOST_OFF);
		}

		const { temperature, topP, maxTokens } = recipe.sampling;
		const rows = Array.from({ length: 32 }, (_, seed) => ({
			ids: ids(PROMPT),
			maxTokens,
			temperature,
			topP,
			seed,
		}));
		const taken = await rehearse(() => {
			const params = upload(new Float32Array(lora.layout.size), [lora.layout.size]) as Tensor1D;
			rehearseBatch(decoder, bindLora(lora, params), rows);
			params.dispose();
		});
		const planned = (taken?.bytes ?? NaN) + decoder.bytes;
		const stated = samplingBytes(config, recipe, placement);
		expect(Math.abs(stated / planned - 1), `sampling: states ${stated}, plans ${planned}`).toBeLessThan(
			MOST_OFF,
		);

		/** The choice that a budget of just this plan would make. */
		function statedFor(activations: Activations): number {
			let budget = Infinity;
			for (;;) {
				const memory = trainingMemory(config, recipe, placement, budget);
				if (memory.activations === activations) return memory.bytes;
				budget = memory.bytes - 1;
			}
		}
	},
);
