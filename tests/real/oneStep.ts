/** One step of the trainer from a given adapter, and a few of its numbers, as model_reference.py picks them. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { moduleName } from '#core/adapter/projections.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import type { TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import type { Decoder } from '#model/decoder.ts';
import { deviceLora, paramsOf } from '#model/lora.ts';
import { Trainer } from '#train/trainer.ts';
import { BETA, LEARNING_RATE } from './problem.ts';

/** By PEFT's names: the norm, and eight numbers at equal distances. */
export type Picked = Record<string, { norm: number; values: number[] }>;

export function pickedOf(numbers: Float32Array): Picked[string] {
	const stride = Math.max(1, Math.floor(numbers.length / 8));
	const values = [...numbers].filter((_, i) => i % stride === 0).slice(0, 8);
	return { norm: Math.sqrt(numbers.reduce((sum, value) => sum + value * value, 0)), values };
}

function recipeOf({ rank, alpha, targetModules }: Adapter['config'], pairs: number): Recipe {
	return {
		...DEFAULT_RECIPE,
		lora: { ...DEFAULT_RECIPE.lora, rank, alpha, targetModules: [...targetModules] },
		objective: { id: 'apo_zero', beta: BETA },
		optimiser: {
			...DEFAULT_RECIPE.optimiser,
			...{ learningRate: LEARNING_RATE, schedule: 'constant', warmupSteps: 0, maxGradNorm: 0 },
		},
		training: { ...DEFAULT_RECIPE.training, steps: 1, batchPairs: pairs, checkpointEvery: 0 },
	};
}

export async function oneStep(model: Decoder, start: Adapter, pairs: readonly TokenizedPair[]) {
	const recipe = recipeOf(start.config, pairs.length);
	const params = paramsOf(deviceLora(model.config, start.config), start);
	const zeros = new Float32Array(params.length);
	const state = { step: 0, numTokens: 0, samplerSeed: recipe.training.seed, referenceLogps: {} };
	const trainer = new Trainer({
		...{ model, recipe, pairs, truncated: 0, startPaused: false },
		resume: { ...state, params, m: zeros, v: zeros },
		order: () => pairs.map((_, i) => i),
	});
	const events: TrainEvent[] = [];
	for await (const event of trainer.run()) events.push(event);
	const [last, step] = [events.at(-1), events.find(({ type }) => type === 'step')];
	if (last?.type !== 'done' || step?.type !== 'step') throw new Error(`The step ended with ${last?.type}.`);
	const byName = new Map<string, Float32Array>();
	for (const { layer, module, loraA, loraB } of last.adapter.matrices) {
		const name = `base_model.model.model.layers.${layer}.${moduleName(module)}`;
		byName.set(`${name}.lora_A.weight`, loraA);
		byName.set(`${name}.lora_B.weight`, loraB);
	}
	return { loss: step.metrics.loss, gradNorm: step.metrics.grad_norm, byName };
}
