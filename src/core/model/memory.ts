/**
 * Memory of a model by its shapes alone, before it is loaded: floats that live at once, without the allocator's overhead. On a
 * GPU the trainer rehearses the passes instead (train/estimate.ts), which follows every change of the kernels.
 */
import { loraLayout } from '../adapter/layout.ts';
import type { WeightStorage } from '../device/kernels.ts';
import type { Activations, Recipe } from '../recipe/recipe.ts';
import type { ModelConfig } from './model.ts';
import { parametersOf } from './parameters.ts';

/** Activations that a block keeps for the backward pass; see `Forward` in model/decoder.ts. */
export type KeptActivations = 'all' | 'products' | 'inputs';

const FLOAT = 4;
/** Tokens of a usual prompt with its chat template. */
const PROMPT_TOKENS = 64;
/** Prompts that the compute engine answers together. */
const ANSWERED_TOGETHER = 32;
const FROM_MOST: readonly Activations[] = ['keep', 'lean', 'recompute'];
const KEPT = { keep: 'all', lean: 'products', recompute: 'inputs' } as const;

/** Frozen weights on the device. Norms and biases are few and count like matrices. */
export function weightBytes(config: ModelConfig, weights: WeightStorage): number {
	return parametersOf(config) * (weights === 'f16' ? 2 : FLOAT);
}

/** Peak of answering the recipe's prompts: weights, the caches of keys and values, and the logits. */
export function samplingBytes(
	config: ModelConfig,
	{ sampling }: Pick<Recipe, 'sampling'>,
	weights: WeightStorage,
): number {
	const tokens = Math.min(config.maxPositions, PROMPT_TOKENS + sampling.maxTokens);
	const perToken = 2 * config.layers * config.kvHeads * config.headDim;
	const floats = ANSWERED_TOGETHER * (tokens * perToken + config.vocabSize);
	return weightBytes(config, weights) + FLOAT * floats;
}

/**
 * Peak of a step of training without its weights: activations, gradient, the widest temporaries, and four copies of the
 * adapter (parameters, gradient, two moments).
 *
 * @param rows     tokens of a micro-batch
 * @param loraSize floats of the adapter
 */
export function stepBytes(
	config: ModelConfig,
	{ rows, loraSize, kept }: { rows: number; loraSize: number; kept: KeptActivations },
): number {
	const { layers, hiddenSize: C, intermediateSize: F } = config;
	const recomputed = kept === 'inputs' ? keptFloats(config, 'all') : 0;
	const perRow = layers * keptFloats(config, kept) + recomputed + (layers + 3) * C + 4 * F;
	return FLOAT * (rows * perRow + 4 * loraSize);
}

/** Floats per row that one block keeps, without its input and LoRA's narrow products; see decoder.ts. */
function keptFloats(
	{ hiddenSize: C, intermediateSize: F, heads, kvHeads, headDim }: ModelConfig,
	kept: KeptActivations,
): number {
	if (kept === 'inputs') return 0;
	const attention = 2 * (heads + kvHeads) * headDim + 2 * heads;
	return attention + C + 2 * F + (kept === 'all' ? 2 * C + F : 0);
}

/** The peak of a recipe's training on a device. */
export interface TrainingMemory {
	bytes: number;
	/** The first choice that fits the budget, or the choice with the least memory. */
	activations: Activations;
	fits: boolean;
}

/** @param budget bytes that the page may take */
export function trainingMemory(
	config: ModelConfig,
	recipe: Recipe,
	weights: WeightStorage,
	budget: number,
): TrainingMemory {
	const side = Math.min(
		recipe.training.maxLength,
		config.maxPositions,
		PROMPT_TOKENS + recipe.sampling.maxTokens,
	);
	const rows = 2 * recipe.training.batchPairs * side;
	const loraSize = loraLayout(config, recipe.lora).size;
	const frozen = weightBytes(config, weights);
	const choices = FROM_MOST.map((activations) => {
		const bytes = frozen + stepBytes(config, { rows, loraSize, kept: KEPT[activations] });
		return { activations, bytes, fits: bytes <= budget };
	});
	const least = { activations: 'recompute' as const, bytes: Infinity, fits: false };
	return choices.find(({ fits }) => fits) ?? choices.at(-1) ?? least;
}
