/** Estimated memory for a step of published models, planned over weights that have only shapes. */
import { DEFAULT_RECIPE, type Activations, type Recipe } from '#core/recipe/recipe.ts';
import { deviceLora } from '#model/lora.ts';
import { planRun } from '#train/plan.ts';
import { imaginaryDecoder } from '../models/imaginaryModel.ts';
import { PUBLISHED, PUBLISHED_NAMES, type PublishedName } from './published.ts';
import { pairOfRows } from '../models/randomModel.ts';

const CHOICES: readonly Activations[] = ['keep', 'lean', 'recompute'];

/** Planned device memory of a whole model's run in f32. */
export interface PlannedModel {
	name: string;
	weightBytes: number;
	/** Bytes by choice of activations. */
	estimates: Readonly<Partial<Record<Activations, number>>>;
}

function recipeOf(activations: Activations): Recipe {
	const training = {
		...DEFAULT_RECIPE.training,
		...{ steps: 1, batchPairs: 1, checkpointEvery: 0, maxLength: 8192, activations },
	};
	return { ...DEFAULT_RECIPE, training };
}

async function planModel(name: PublishedName, rows: number): Promise<PlannedModel> {
	const model = imaginaryDecoder(PUBLISHED[name]);
	const pairs = [pairOfRows(rows, PUBLISHED[name].vocabSize)];
	const lora = deviceLora(model.config, DEFAULT_RECIPE.lora);
	const estimates: Partial<Record<Activations, number>> = {};
	for (const activations of CHOICES) {
		const recipe = recipeOf(activations);
		const { plan } = await planRun({ model, lora, recipe, pairs, answers: [], order: () => [0] });
		estimates[activations] = plan.estimatedBytes;
	}
	return { name, weightBytes: model.weights.bytes, estimates };
}

/** Requires an open device. @param rows packed rows per step */
export async function planModels(rows: number): Promise<PlannedModel[]> {
	const planned: PlannedModel[] = [];
	for (const name of PUBLISHED_NAMES) planned.push(await planModel(name, rows));
	return planned;
}
