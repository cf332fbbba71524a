/** What a run will take, told before it starts: steps, tokens, memory; and from the memory, what the forward pass keeps. */
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import { at } from '#core/math/at.ts';
import type { TrainPlan } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Decoder, Keep } from '#model/decoder.ts';
import type { DeviceLora } from '#model/lora.ts';
import { estimateBytes, type BatchShape } from './estimate.ts';
import { shapeForStep } from './pack.ts';

/** Memory beyond which activations are computed again instead of kept: what a laptop's GPU gives a page without complaint. */
const KEEP_BYTES = 1.5 * 2 ** 30;

/** Micro-batches looked at for their sizes: by then every size that comes often has come. */
const MOST_DRAWN = 1000;

export interface PlanRequest {
	model: Decoder;
	lora: DeviceLora;
	recipe: Recipe;
	pairs: readonly TokenizedPair[];
	/** Indices of the pairs of micro-batch n. */
	order: (microBatch: number) => readonly number[];
	/** Asked for; by memory where undefined. */
	keep: Exclude<Keep, 'none'> | undefined;
}

export interface RunPlan {
	plan: Omit<TrainPlan, 'truncated' | 'dropped'>;
	keep: Exclude<Keep, 'none'>;
}

export function planRun(request: PlanRequest): RunPlan {
	const { recipe, pairs, lora } = request;
	const { batchPairs, accumulationSteps } = recipe.training;
	const perStep = batchPairs * accumulationSteps;
	const estimate = estimator(request);
	const keep = request.keep ?? (estimate('all') <= KEEP_BYTES ? 'all' : 'inputs');
	const tokens = pairs.reduce((sum, pair) => sum + tokensOf(pair), 0);
	return {
		plan: {
			pairs: pairs.length,
			stepsPerEpoch: Math.ceil(pairs.length / perStep),
			trainableParameters: lora.parameters,
			tokensPerStep: Math.round((tokens / pairs.length) * perStep),
			estimatedBytes: estimate(keep),
		},
		keep,
	};
}

function estimator({
	model,
	lora,
	recipe,
	pairs,
	order,
}: PlanRequest): (keep: Exclude<Keep, 'none'>) => number {
	const { steps, batchPairs, accumulationSteps } = recipe.training;
	const drawn = Array.from({ length: Math.min(steps * accumulationSteps, MOST_DRAWN) }, (_, n) =>
		order(n).map((i) => at(pairs, i)),
	);
	const inOrder: TokenizedPair[][] = [];
	for (let start = 0; start < pairs.length; start += batchPairs)
		inOrder.push(pairs.slice(start, start + batchPairs));
	const common = {
		config: model.config,
		lora,
		weightBytes: model.weights.bytes,
		positions: model.positions,
		shapes: distinct(drawn.map(shapeForStep)),
		referenceShapes: distinct(inOrder.map(shapeForStep)),
		accumulationSteps,
	};
	return (keep) => estimateBytes({ ...common, keep });
}

function distinct(shapes: readonly BatchShape[]): BatchShape[] {
	return [...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values()];
}

/** Tokens as TRL counts them: both sides with their prompt each. */
function tokensOf({ promptIds, chosenIds, rejectedIds }: TokenizedPair): number {
	return 2 * promptIds.length + chosenIds.length + rejectedIds.length;
}
