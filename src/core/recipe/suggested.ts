/**
 * The recipe that suits a model. The defaults are tuned for the model beside the page; larger ones answer at length, follow
 * verifiable instructions, and learn at lower rates.
 */
import type { PublishedModel } from '../model/published/publishedModel.ts';
import { publishedIn, publishedOfSize } from '../model/published/registry.ts';
import type { ModelOrigin } from '../model/model.ts';
import { parametersOf } from '../model/parameters.ts';
import type { RecipeNumbers } from './recipeNumbers.ts';
import { DEFAULT_RECIPE, type Recipe } from './recipe.ts';

/** Learning rates by size, usual for LoRA. They are starting points, and not measured; a published model may have its own. */
const RATES: readonly (readonly [mostParameters: number, rate: number])[] = [
	[2e8, 1e-3],
	[1e9, 5e-4],
	[4e9, 2e-4],
	[Infinity, 1e-4],
];
const NUMBERS = { prompts: 160, answerTokens: 96, steps: 60, heldOut: 96 } as const;
/** Tokens of a held-out answer; the world's instructions ask for short ones. */
const ANSWER_TOKENS = 96;

/**
 * Chosen with SmolLM2-135M in torch (448 prompts, batches of 4 pairs, 84 held-out prompts, one seed each), strict score 0.08 before.
 * 80 steps at a rate of 1e-3 reached 0.21 to 0.26 with APO-zero alone, and 0.31 to 0.44 with SFT at weights of 0.5 to 1 and β of 0.1
 * to 0.3, which one seed cannot tell apart. At 4e-4, this sum reached 0.36 after 80 steps of 200, 0.38 after 120, 0.43 after 160 and
 * 0.45 at the end, while the unrelated answers had 95%, 91%, 69% and 70% of their length: more steps buy score with brevity.
 */
const OBJECTIVE: Recipe['objective'] = {
	id: 'sum',
	beta: 0.3,
	terms: [
		{ id: 'apo_zero', weight: 1 },
		{ id: 'sft', weight: 0.5 },
	],
};

/** Below this, a model has seen too little text to follow instructions in plain language. */
const LEAST_PARAMETERS = 5e7;

function suggestedNumbers(parameters: number): RecipeNumbers {
	const learningRate = RATES.find(([most]) => parameters <= most)?.[1] ?? 1e-4;
	return { learningRate, ...NUMBERS };
}

/** @param model id, for the recipe's `model` */
export function recipeFor(model: string, parameters: number, numbers = suggestedNumbers(parameters)): Recipe {
	if (parameters < LEAST_PARAMETERS) return { ...DEFAULT_RECIPE, model };
	const { prompts, sampling, pairs, optimiser, training, evaluation } = DEFAULT_RECIPE;
	const every = Math.max(1, Math.round(numbers.steps / 3));
	return {
		...DEFAULT_RECIPE,
		model,
		prompts: { ...prompts, world: 'instructions', count: numbers.prompts },
		sampling: { ...sampling, temperature: 0.7, topP: 0.9, maxTokens: numbers.answerTokens },
		// Longer answers are cut more often than the short ones of the tiny world.
		pairs: { ...pairs, cutAnswers: 'open' },
		objective: OBJECTIVE,
		optimiser: { ...optimiser, learningRate: numbers.learningRate },
		training: {
			...training,
			...{
				steps: numbers.steps,
				batchPairs: 4,
				maxLength: 512,
				checkpointEvery: every,
				evaluateEvery: every,
			},
		},
		evaluation: { ...evaluation, count: numbers.heldOut, maxTokens: ANSWER_TOKENS },
	};
}

/** The recipe for a model of the catalogue, before it is kept. */
export function publishedRecipe({ id, config, recipe }: PublishedModel): Recipe {
	return recipeFor(id, parametersOf(config), recipe);
}

/** The recipe for a model that the engines can load. */
export function suggestedRecipe(model: { id: string; origin: ModelOrigin; parameters: number }): Recipe {
	const { id, origin, parameters } = model;
	if (origin.place === 'page') return { ...DEFAULT_RECIPE, model: id };
	const published = origin.place === 'hub' ? publishedIn(origin.repository) : null;
	return recipeFor(id, parameters, (published ?? publishedOfSize(parameters))?.recipe);
}
