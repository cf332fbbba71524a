/**
 * Memory of a model by its shapes alone, before it is loaded: floats that live at once, without the allocator's overhead. On a
 * GPU the trainer rehearses the passes instead (train/estimate.ts), which follows every change of the kernels.
 */
import { loraLayout } from '../adapter/layout.ts';
import type { WeightStorage } from '../device/kernels.ts';
import type { DeviceReport } from '../device/report.ts';
import { isBlockFormat, PACKING, type NumberFormat } from '../format/numberFormat.ts';
import type { Activations, Recipe } from '../recipe/recipe.ts';
import type { ModelConfig } from './model.ts';
import { parametersOf, vectorParameters } from './parameters.ts';

/** Activations that a block keeps for the backward pass; see `Forward` in model/decoder.ts. */
export type KeptActivations = 'all' | 'products' | 'inputs';

const FLOAT = 4;
/** Tokens of a usual prompt with its chat template. */
export const PROMPT_TOKENS = 64;
/** Prompts that the compute engine answers together. */
const ANSWERED_TOGETHER = 32;
/** Narrow products x·Aᵀ of a block’s seven projections, in ranks. */
const LOW_PRODUCTS = 7;
/** Largest tensors of a block's backward pass that live at once, in feed-forward widths; fitted to the rehearsal. */
const TEMPORARIES = { all: 8, products: 8.5, inputs: 6.5 } as const;
/** The pool’s largest ratio of a buffer to its tensor. */
const ROOM = 4;
/** Logits of one chunk, and free buffers that the pool keeps. */
const POOLED_BYTES = 20e6;
const FROM_MOST: readonly Activations[] = ['keep', 'lean', 'recompute'];
const KEPT = { keep: 'all', lean: 'products', recompute: 'inputs' } as const;

/** How a device holds the frozen weights of a model. */
export interface WeightPlacement {
	/** Number format of the matrices in the model’s files. */
	stored: NumberFormat;
	/** The user’s setting. */
	storage: WeightStorage;
	/** Without a GPU, matrices are f32 and have a transposed copy. */
	backend: DeviceReport['backend'];
}

/** Frozen weights on the device. Norms and biases are f32. */
export function weightBytes(config: ModelConfig, { stored, storage, backend }: WeightPlacement): number {
	const vectors = vectorParameters(config);
	const matrices = parametersOf(config) - vectors;
	if (backend !== 'webgpu') return FLOAT * (2 * matrices + vectors);
	const format = storage === 'stored' || isBlockFormat(stored) ? stored : storage;
	const { numbers, words } = PACKING[format];
	return FLOAT * ((matrices * words) / numbers + vectors);
}

/**
 * Peak of answering the recipe's prompts: weights, the caches of keys and values, and what is wider: a block's activations of
 * all prompts, or the logits of one token each.
 */
export function samplingBytes(
	config: ModelConfig,
	{ sampling }: Pick<Recipe, 'sampling'>,
	placement: WeightPlacement,
): number {
	const { layers, kvHeads, headDim, hiddenSize, intermediateSize, vocabSize, maxPositions } = config;
	const tokens = Math.min(maxPositions, PROMPT_TOKENS + sampling.maxTokens);
	const caches = tokens * 2 * layers * kvHeads * headDim;
	const widest = Math.max(PROMPT_TOKENS * 2 * (hiddenSize + intermediateSize), vocabSize);
	return weightBytes(config, placement) + FLOAT * ANSWERED_TOGETHER * (caches + widest);
}

export interface StepShape {
	/** Packed tokens of a micro-batch. */
	rows: number;
	/** Floats of the adapter. */
	loraSize: number;
	rank: number;
	kept: KeptActivations;
}

/**
 * Peak of a step of training without its weights: activations, gradient, the widest temporaries, and four copies of the
 * adapter (parameters, gradient, two moments). tests/gpu/publishedMemory.test.ts compares it with the rehearsal.
 */
export function stepBytes(config: ModelConfig, { rows, loraSize, rank, kept }: StepShape): number {
	const { layers, hiddenSize: C, intermediateSize: F } = config;
	const perBlock =
		keptFloats(config, kept) + (kept === 'inputs' ? 0 : LOW_PRODUCTS * rank + unusedRoom(config, kept));
	const recomputed = kept === 'inputs' ? keptFloats(config, 'all') : 0;
	const perRow = layers * perBlock + recomputed + (layers + 3) * C + TEMPORARIES[kept] * F;
	return FLOAT * (rows * perRow + 4 * loraSize) + POOLED_BYTES;
}

/** Floats per row that one block keeps, without its input and LoRA's narrow products; see decoder.ts. */
function keptFloats(config: ModelConfig, kept: KeptActivations): number {
	const { hiddenSize: C, intermediateSize: F, heads, kvHeads, headDim } = config;
	if (kept === 'inputs') return 0;
	const attention = 2 * (heads + kvHeads) * headDim + 2 * heads;
	const unnormed = config.qkNorm ? fusedWidth(config) : 0;
	return attention + unnormed + C + 2 * F + (kept === 'all' ? 2 * C + F : 0);
}

/**
 * Floats per row that a block's kept tensors leave unused: the pool gives a tensor of C numbers a free buffer of up to
 * {@link ROOM} times its size, which the block's widest freed tensor left (engine/gpu/bufferPool.ts).
 */
function unusedRoom(config: ModelConfig, kept: KeptActivations): number {
	const { hiddenSize: C, intermediateSize: F } = config;
	const fits = (width: number): boolean => width <= ROOM * C;
	if (kept === 'products' && fits(F)) return F - C;
	return fits(fusedWidth(config)) ? fusedWidth(config) - C : 0;
}

const fusedWidth = ({ heads, kvHeads, headDim }: ModelConfig): number => (heads + 2 * kvHeads) * headDim;

/** The peak of a recipe's training on a device. */
export interface TrainingMemory {
	bytes: number;
	/** The first choice that fits the budget, or the choice with the least memory. */
	activations: Activations;
	fits: boolean;
}

/**
 * @param budget bytes that the page may take
 * @param rows   packed tokens of the largest micro-batch, if the pairs are known
 */
export function trainingMemory(
	config: ModelConfig,
	recipe: Recipe,
	placement: WeightPlacement,
	budget: number,
	rows = stepRows(config, recipe),
): TrainingMemory {
	const shape = {
		rows,
		loraSize: loraLayout(config, recipe.lora).size,
		rank: recipe.lora.rank,
	};
	const frozen = weightBytes(config, placement);
	const { activations: asked } = recipe.training;
	const choices = (asked === 'auto' ? FROM_MOST : [asked]).map((activations) => {
		const bytes = frozen + stepBytes(config, { ...shape, kept: KEPT[activations] });
		return { activations, bytes, fits: bytes <= budget };
	});
	const least = { activations: 'recompute' as const, bytes: Infinity, fits: false };
	return choices.find(({ fits }) => fits) ?? choices.at(-1) ?? least;
}

/** Packed tokens of a micro-batch of long answers: the two sides of a pair share their prompt. */
export function stepRows(config: ModelConfig, { training, sampling }: Recipe): number {
	const longest = Math.min(training.maxLength, config.maxPositions);
	const prompt = Math.min(PROMPT_TOKENS, longest);
	const answer = Math.min(sampling.maxTokens, longest - prompt);
	return training.batchPairs * (prompt + 2 * answer);
}
