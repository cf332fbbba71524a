/**
 * The plan of a run before it starts: steps, tokens, memory, and the activations to keep, which the memory
 * decides.
 */
import type { PackedCounts } from '#core/batch/pack.ts';
import { tokensOf, type TokenizedExample } from '#core/batch/tokenize.ts';
import { at } from '#core/math/at.ts';
import type { TrainPlan } from '#core/ports.ts';
import type { Activations, Recipe } from '#core/recipe/recipe.ts';
import { memoryBudget } from '#engine/device.ts';
import type { Decoder } from '#model/decoder.ts';
import type { GenerateRow } from '#model/generate.ts';
import type { DeviceLora } from '#model/lora.ts';
import { estimateBytes, type Batch } from './estimate.ts';
import { shapeForStep } from './pack.ts';
import type { Kept } from './stepOptions.ts';

/** From most memory to most time. */
const KEPT: Readonly<Record<Activations, Kept>> = { keep: 'all', lean: 'products', recompute: 'inputs' };
const CHOICES: readonly Activations[] = ['keep', 'lean', 'recompute'];

/** Largest number of micro-batches examined for their sizes; enough for every common size to occur. */
const MOST_DRAWN = 1000;
/** Sizes rehearsed in addition to those that no other size covers. */
const SMALLER_SIZES = 4;

export interface PlanRequest {
	model: Decoder;
	lora: DeviceLora;
	recipe: Recipe;
	/** Pairs or unpaired completions. */
	pairs: readonly TokenizedExample[];
	/** Batches of held-out prompts that are answered between steps. */
	answers: readonly (readonly GenerateRow[])[];
	/** Indices of the pairs of micro-batch n. */
	order: (microBatch: number) => readonly number[];
	/** Device memory that the run may take, weights included. Default: the page's whole budget. */
	budgetBytes?: number;
}

export interface RunPlan {
	plan: Omit<TrainPlan, 'truncated' | 'dropped' | 'leftOut'>;
	keep: Kept;
	/**
	 * The micro-batches with most rows, of a step and of the reference pass; compiling with them allocates
	 * memory for all.
	 */
	largest: { step: Batch; reference: Batch };
}

/** @throws DeviceError `limits-too-low`, ShapeError `grid-too-large`, if a batch exceeds the GPU's limits */
export async function planRun(request: PlanRequest): Promise<RunPlan> {
	const { model, lora, recipe, pairs, answers, budgetBytes = memoryBudget() } = request;
	const { batchPairs, accumulationSteps, activations: asked } = recipe.training;
	const perStep = batchPairs * accumulationSteps;
	const batches = largestFirst(drawnBatches(request));
	const referenceBatches = largestFirst(batchesInOrder(pairs, batchPairs));
	const estimates: Partial<Record<Activations, number>> = {};
	const fits = async (choice: Activations): Promise<boolean> => {
		const keep = KEPT[choice];
		const bytes = await estimateBytes({ model, lora, recipe, batches, referenceBatches, answers, keep });
		estimates[choice] = bytes;
		return bytes <= budgetBytes;
	};
	// Recipes stored by older versions name no choice.
	const wanted = CHOICES.find((choice) => choice === asked);
	const activations = await firstThat(wanted === undefined ? CHOICES : [wanted], fits);
	const tokens = pairs.reduce((sum, pair) => sum + tokensOf(pair), 0);
	return {
		plan: {
			pairs: pairs.length,
			stepsPerEpoch: Math.ceil(pairs.length / perStep),
			trainableParameters: lora.parameters,
			tokensPerStep: Math.round((tokens / pairs.length) * perStep),
			...completionTokensOf(pairs),
			estimatedBytes: estimates[activations] ?? NaN,
			memory: { activations, automatic: wanted === undefined, budgetBytes, estimates, peakBytes: null },
		},
		keep: KEPT[activations],
		largest: { step: at(batches, 0), reference: at(referenceBatches, 0) },
	};
}

function completionTokensOf(examples: readonly TokenizedExample[]): Pick<TrainPlan, 'completionTokens'> {
	const pairs = examples.filter((example) => 'chosenIds' in example);
	if (pairs.length < examples.length) return {};
	return {
		completionTokens: {
			chosen: pairs.map(({ chosenIds }) => chosenIds.length),
			rejected: pairs.map(({ rejectedIds }) => rejectedIds.length),
		},
	};
}

/** The first choice that fits, or the last. */
async function firstThat<T>(choices: readonly T[], fits: (choice: T) => Promise<boolean>): Promise<T> {
	for (const choice of choices) if (await fits(choice)) return choice;
	return at(choices, choices.length - 1);
}

function drawnBatches({ recipe, pairs, order }: PlanRequest): Batch[] {
	const { steps, accumulationSteps } = recipe.training;
	return Array.from({ length: Math.min(steps * accumulationSteps, MOST_DRAWN) }, (_, n) =>
		order(n).map((i) => at(pairs, i)),
	);
}

function batchesInOrder(pairs: readonly TokenizedExample[], size: number): Batch[] {
	return Array.from({ length: Math.ceil(pairs.length / size) }, (_, i) =>
		pairs.slice(i * size, (i + 1) * size),
	);
}

/** One batch per size, by rows: the sizes that no other covers, and some smaller ones. */
export function largestFirst(batches: readonly Batch[]): Batch[] {
	const bySize = new Map(batches.map((batch) => [JSON.stringify(shapeForStep(batch)), batch]));
	const all = [...bySize.values()]
		.map((batch) => ({ batch, shape: shapeForStep(batch) }))
		.sort((a, b) => b.shape.rows - a.shape.rows || b.shape.targets - a.shape.targets);
	const covered = ({ rows, targets, segments }: PackedCounts): boolean =>
		all.some(
			({ shape: other }) =>
				other.rows >= rows &&
				other.targets >= targets &&
				other.segments >= segments &&
				other.rows + other.targets + other.segments > rows + targets + segments,
		);
	const smaller = all.filter(({ shape }) => covered(shape));
	const every = Math.max(1, Math.ceil(smaller.length / SMALLER_SIZES));
	const taken = new Set(smaller.filter((_, i) => i % every === 0));
	return all.filter((entry) => !covered(entry.shape) || taken.has(entry)).map(({ batch }) => batch);
}
