/** What a step of published models would take, planned over weights that have shapes only. */
import type { ModelConfig } from '#core/model/model.ts';
import { DEFAULT_RECIPE, type Activations, type Recipe } from '#core/recipe/recipe.ts';
import { deviceLora } from '#model/lora.ts';
import { planRun } from '#train/plan.ts';
import { imaginaryDecoder } from './imaginaryModel.ts';
import { modelOf, pairOfRows } from './randomModel.ts';

const CHOICES: readonly Activations[] = ['keep', 'lean', 'recompute'];

const SHAPES = {
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
type ShapeName = keyof typeof SHAPES;

/** Device memory of a whole model's run in f32, planned. */
export interface PlannedModel {
	name: string;
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

async function planModel(name: ShapeName, rows: number): Promise<PlannedModel> {
	const model = imaginaryDecoder(SHAPES[name]);
	const pairs = [pairOfRows(rows, SHAPES[name].vocabSize)];
	const lora = deviceLora(model.config, DEFAULT_RECIPE.lora);
	const estimates: Partial<Record<Activations, number>> = {};
	for (const activations of CHOICES) {
		const recipe = recipeOf(activations);
		const { plan } = await planRun({ model, lora, recipe, pairs, answers: [], order: () => [0] });
		estimates[activations] = plan.estimatedBytes;
	}
	return { name, weightBytes: model.weights.bytes, estimates };
}

/** On a device that is open. @param rows packed rows a step */
export async function planModels(rows: number): Promise<PlannedModel[]> {
	const planned: PlannedModel[] = [];
	for (const name of Object.keys(SHAPES) as ShapeName[]) planned.push(await planModel(name, rows));
	return planned;
}
