/**
 * Published models' shapes with random weights: whether a step runs at their widths, whether what it takes is what was planned,
 * and what the whole model would take.
 */
import { AppError } from '#core/errors.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { DEFAULT_RECIPE, type Activations, type Recipe } from '#core/recipe/recipe.ts';
import { openDevice } from '#engine/device.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { deviceLora } from '#model/lora.ts';
import { planRun } from '#train/plan.ts';
import { Trainer } from '#train/trainer.ts';
import { imaginaryDecoder } from './imaginaryModel.ts';
import { modelOf, pairOfRows, randomTensors } from './randomModel.ts';

const CHOICES: readonly Activations[] = ['keep', 'lean', 'recompute'];

export const SHAPES = {
	'SmolLM2-135M': modelOf({
		...{ hiddenSize: 576, intermediateSize: 1536, layers: 30, vocabSize: 49_152 },
		...{ heads: 9, kvHeads: 3, headDim: 64 },
	}),
	'Qwen2.5-0.5B': modelOf(
		{
			...{ hiddenSize: 896, intermediateSize: 4864, layers: 24, vocabSize: 151_936 },
			...{ heads: 14, kvHeads: 2, headDim: 64 },
		},
		{ attentionBias: true, ropeTheta: 1e6 },
	),
	'Qwen3-0.6B': modelOf(
		{
			...{ hiddenSize: 1024, intermediateSize: 3072, layers: 28, vocabSize: 151_936 },
			...{ heads: 16, kvHeads: 8, headDim: 128 },
		},
		{ qkNorm: true, ropeTheta: 1e6 },
	),
	'Llama-3.2-1B': modelOf(
		{
			...{ hiddenSize: 2048, intermediateSize: 8192, layers: 16, vocabSize: 128_256 },
			...{ heads: 32, kvHeads: 8, headDim: 64 },
		},
		{ ropeTheta: 5e5 },
	),
} satisfies Record<string, ModelConfig>;
export type ShapeName = keyof typeof SHAPES;

/** Device memory of a whole model's run in f32, planned. */
export interface WholeModel {
	weightBytes: number;
	/** By choice of activations, bytes. */
	estimates: Readonly<Partial<Record<Activations, number>>>;
}

function recipeOf(activations: Activations): Recipe {
	const training = {
		...DEFAULT_RECIPE.training,
		...{ steps: 1, batchPairs: 1, checkpointEvery: 0, maxLength: 8192, activations },
	};
	return { ...DEFAULT_RECIPE, training };
}

/** @param rows packed rows a step */
export async function planWhole(name: ShapeName, rows: number): Promise<WholeModel> {
	await openDevice({ backend: 'webgpu' });
	const model = imaginaryDecoder(SHAPES[name]);
	const pairs = [pairOfRows(rows, SHAPES[name].vocabSize)];
	const lora = deviceLora(model.config, DEFAULT_RECIPE.lora);
	const estimates: Partial<Record<Activations, number>> = {};
	for (const activations of CHOICES) {
		const { plan } = await planRun({
			model,
			lora,
			recipe: recipeOf(activations),
			pairs,
			answers: [],
			order: () => [0],
		});
		estimates[activations] = plan.estimatedBytes;
	}
	return { weightBytes: model.weights.bytes, estimates };
}

export interface ShapeStep {
	activations: Activations;
	estimatedBytes: number;
	peakBytes: number;
	loss: number;
	gradNorm: number;
	seconds: number;
}

async function oneStep(model: Decoder, activations: Activations, rows: number): Promise<ShapeStep> {
	const trainer = new Trainer({
		...{ model, recipe: recipeOf(activations), pairs: [pairOfRows(rows, model.config.vocabSize)] },
		...{ truncated: 0, dropped: 0, resume: null, startPaused: false },
	});
	const step: ShapeStep = {
		...{ activations, estimatedBytes: NaN, peakBytes: NaN, loss: NaN, gradNorm: NaN, seconds: NaN },
	};
	for await (const event of trainer.run()) {
		if (event.type === 'failed') throw new AppError(event.error.message, { code: event.error.code });
		if (event.type === 'planned') step.estimatedBytes = event.plan.estimatedBytes;
		if (event.type === 'done') step.peakBytes = event.peakBytes;
		if (event.type !== 'step') continue;
		const { loss, grad_norm: gradNorm, seconds } = event.metrics;
		Object.assign(step, { loss, gradNorm, seconds });
	}
	return step;
}

/** One step for each choice of activations. @param layers fewer than the model's, where all would take too long */
export async function measureShape(
	name: ShapeName,
	{ layers, rows }: { layers: number; rows: number },
): Promise<ShapeStep[]> {
	await openDevice({ backend: 'webgpu' });
	const config = { ...SHAPES[name], layers };
	const model = createDecoder(config, randomTensors(config));
	const steps: ShapeStep[] = [];
	for (const activations of CHOICES) steps.push(await oneStep(model, activations, rows));
	model.dispose();
	return steps;
}
