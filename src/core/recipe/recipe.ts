/**
 * The recipe: one plain JSON that describes a whole experiment. The page, the headless run, and the export
 * all read it; it has settings only, never data and never a key.
 */
import * as v from 'valibot';
import { FormatError } from '../errors.ts';
import { CUT_ANSWERS } from '../pair/cutAnswers.ts';
import { methodIdSchema } from '../pair/methods/registry.ts';
import { REPLY_TOKENS } from './sectionDefaults.ts';
import { askedSections, endpointSchema, modelProblem } from './askedSections.ts';
import { beginSchema } from './begin.ts';
import { issueText } from './issueText.ts';
import type { NumberPath } from './limits.ts';
import { type Ranges, recipeNumber } from './number.ts';
import { objectiveSchema } from './objective.ts';
import { EMBEDDED } from './reviserKind.ts';
import { setReferenceSchema } from './setReference.ts';
import { DEFAULT_WORLD, WORLD_IDS } from '../world/world.ts';

export const TARGET_MODULES = [
	'q_proj',
	'k_proj',
	'v_proj',
	'o_proj',
	'gate_proj',
	'up_proj',
	'down_proj',
] as const;
export type TargetModule = (typeof TARGET_MODULES)[number];

/**
 * Activations that the forward pass keeps for the backward pass; the choice changes time and memory, not the
 * numbers. keep: every activation. lean: all except those that are cheap to recompute (norms, SwiGLU).
 * recompute: only the inputs of blocks (TRL's gradient checkpointing). auto: the first of these that fits the
 * memory budget.
 */
export const ACTIVATIONS = ['auto', 'keep', 'lean', 'recompute'] as const;
export type ActivationsChoice = (typeof ACTIVATIONS)[number];
export type Activations = Exclude<ActivationsChoice, 'auto'>;

export { REPLY_TOKENS } from './sectionDefaults.ts';

/** The sections that say how the pairs are made. */
function dataSections(ranges: Ranges) {
	const number = (path: NumberPath) => recipeNumber(path, ranges);
	return {
		prompts: v.strictObject({
			/** `world`, or `own` for the user's prompts, which are data and not part of the recipe. */
			source: v.picklist(['world', 'own']),
			/** The world of the prompts. Absent in recipes of older versions. */
			world: v.optional(v.picklist(WORLD_IDS), DEFAULT_WORLD),
			/** Prompts to learn from; if pairs are imported, the largest number of pairs. */
			count: number('prompts.count'),
			seed: number('prompts.seed'),
			/** Families of the world to use; empty means all. */
			families: v.array(v.string()),
		}),
		sampling: v.strictObject({
			temperature: number('sampling.temperature'),
			topP: number('sampling.topP'),
			maxTokens: number('sampling.maxTokens'),
			seed: number('sampling.seed'),
		}),
		reviser: v.pipe(
			v.strictObject({
				endpoint: endpointSchema,
				/** The model's name at the endpoint; of a second model on this machine, its id. */
				model: v.string(),
				temperature: number('reviser.temperature'),
				concurrency: number('reviser.concurrency'),
				/** Tokens for the reasoning and the revised answer; REPLY_TOKENS if absent, as in older versions. */
				maxTokens: v.optional(number('reviser.maxTokens')),
				seed: number('reviser.seed'),
				/** Share of the faults that the embedded reviser mends; 1 if absent. */
				skill: v.exactOptional(number('reviser.skill')),
			}),
			v.rawCheck(({ dataset, addIssue }) => {
				const problem = dataset.typed ? modelProblem(dataset.value) : null;
				if (!dataset.typed || problem === null) return;
				const { model } = dataset.value;
				const key = {
					type: 'object',
					origin: 'value',
					input: dataset.value,
					key: 'model',
					value: model,
				} as const;
				addIssue({ message: problem, input: model, path: [key] });
			}),
		),
		...askedSections(ranges),
		pairs: v.strictObject({
			/** A data method: see pair/methods. Imported pairs are data and not in the recipe. */
			method: methodIdSchema,
			/** The kept set that `imported` takes its pairs from; absent for pairs of a file. */
			set: v.exactOptional(setReferenceSchema),
			/**
			 * Pairs whose token Jaccard is below this are set aside as `too far`; 0 keeps every changed answer.
			 */
			minJaccard: number('pairs.minJaccard'),
			/** Ids of pairs to leave out of the training; absent if there are none. */
			exclude: v.optional(v.array(v.pipe(v.string(), v.maxLength(200)))),
			/** End tokens after answers that were cut at the limit; absent means that every answer has one, as in TRL. */
			cutAnswers: v.optional(v.picklist(CUT_ANSWERS)),
		}),
	};
}

/** The sections that say how the adapter is trained and measured. */
function trainingSections(ranges: Ranges) {
	const number = (path: NumberPath) => recipeNumber(path, ranges);
	return {
		objective: objectiveSchema(ranges),
		lora: v.strictObject({
			rank: number('lora.rank'),
			alpha: number('lora.alpha'),
			targetModules: v.pipe(v.array(v.picklist(TARGET_MODULES)), v.minLength(1)),
			seed: number('lora.seed'),
		}),
		optimiser: v.strictObject({
			learningRate: number('optimiser.learningRate'),
			schedule: v.picklist(['constant', 'linear', 'cosine']),
			warmupSteps: number('optimiser.warmupSteps'),
			weightDecay: number('optimiser.weightDecay'),
			beta1: number('optimiser.beta1'),
			beta2: number('optimiser.beta2'),
			epsilon: number('optimiser.epsilon'),
			/** Largest global L2 norm of the gradient; 0 means no clipping. */
			maxGradNorm: number('optimiser.maxGradNorm'),
		}),
		training: v.strictObject({
			steps: number('training.steps'),
			/** Pairs per micro-batch, and micro-batches per step. */
			batchPairs: number('training.batchPairs'),
			accumulationSteps: number('training.accumulationSteps'),
			seed: number('training.seed'),
			/** Longest prompt + completion in tokens; longer ones keep their start (TRL's `keep_start`). */
			maxLength: number('training.maxLength'),
			/** Steps between checkpoints and between held-out evaluations; 0 means only at the end. */
			checkpointEvery: number('training.checkpointEvery'),
			evaluateEvery: number('training.evaluateEvery'),
			/** Absent in recipes of older versions. */
			activations: v.optional(v.picklist(ACTIVATIONS), 'auto'),
		}),
		evaluation: v.strictObject({
			/** Number of held-out prompts, answered before and after training, greedily and at temperature 1. */
			count: number('evaluation.count'),
			seed: number('evaluation.seed'),
			maxTokens: number('evaluation.maxTokens'),
			/** The compute engine answers in batches, WebLLM one by one. Absent in recipes of older versions. */
			engine: v.optional(v.picklist(['compute', 'webllm']), 'compute'),
		}),
	};
}

function schemaOf(ranges: Ranges) {
	return v.strictObject({
		schema: v.literal(1),
		/** Id in the catalogue, for example `anchor-1m`. */
		model: v.pipe(v.string(), v.minLength(1)),
		/** Absent: the base model. */
		begin: v.exactOptional(beginSchema),
		...dataSections(ranges),
		...trainingSections(ranges),
	});
}

/** Of drafts, links and recipe files: what a run can start with. */
export const recipeSchema = schemaOf('limits');

/** Of stored runs and run files, so that a run opens although its numbers are beyond today's limits. */
export const storedRecipeSchema = schemaOf('stored');

export type Recipe = v.InferOutput<typeof recipeSchema>;

export const DEFAULT_RECIPE: Recipe = {
	schema: 1,
	model: 'anchor-1m',
	prompts: { source: 'world', world: DEFAULT_WORLD, count: 400, seed: 1, families: [] },
	sampling: { temperature: 1, topP: 1, maxTokens: 40, seed: 1 },
	reviser: {
		endpoint: EMBEDDED,
		model: 'embedded-reviser',
		temperature: 0.7,
		concurrency: 8,
		maxTokens: REPLY_TOKENS,
		seed: 1,
	},
	pairs: { method: 'clair', minJaccard: 0 },
	// The paper's 0.1 suits long answers; the chosen log-ratio of a short answer is bounded by the probability
	// left to gain.
	objective: { id: 'apo_zero', beta: 1 },
	lora: { rank: 8, alpha: 16, targetModules: [...TARGET_MODULES], seed: 1 },
	optimiser: {
		learningRate: 4e-3,
		schedule: 'linear',
		warmupSteps: 5,
		weightDecay: 0,
		beta1: 0.9,
		beta2: 0.999,
		epsilon: 1e-8,
		maxGradNorm: 1,
	},
	training: {
		steps: 100,
		batchPairs: 8,
		accumulationSteps: 1,
		seed: 1,
		maxLength: 256,
		checkpointEvery: 20,
		evaluateEvery: 20,
		activations: 'auto',
	},
	evaluation: { count: 400, seed: 1, maxTokens: 40, engine: 'compute' },
};

/** Sets all seeds of a recipe to one number, so that "another seed" is one change. */
export function withSeed(recipe: Recipe, seed: number): Recipe {
	const { judge, stronger, others } = recipe;
	return {
		...recipe,
		// Without a seed of their own these sections take that of the sampling.
		...(judge?.seed === undefined ? {} : { judge: { ...judge, seed } }),
		...(stronger?.seed === undefined ? {} : { stronger: { ...stronger, seed } }),
		...(others?.seed === undefined ? {} : { others: { ...others, seed } }),
		prompts: { ...recipe.prompts, seed },
		sampling: { ...recipe.sampling, seed },
		reviser: { ...recipe.reviser, seed },
		lora: { ...recipe.lora, seed },
		training: { ...recipe.training, seed },
	};
}

/**
 * Reads a recipe from parsed JSON.
 *
 * @throws FormatError naming the first wrong field and the expected value
 */
export function readRecipe(json: unknown): Recipe {
	const result = v.safeParse(recipeSchema, json);
	if (result.success) return result.output;
	const issue = result.issues[0];
	const path = v.getDotPath(issue) ?? '(the whole recipe)';
	throw new FormatError(`The recipe's ${path} is not usable: ${sentenceEnd(issueText(issue))}`, {
		code: 'recipe-invalid',
		hint: 'Correct this field; “save this one” under All settings writes a recipe with every field.',
		context: { path },
	});
}

/** With a full stop, unless the text is a question. */
const sentenceEnd = (text: string): string => (text.endsWith('?') ? text : `${text}.`);
