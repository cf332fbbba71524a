/** What a run will take, told before it starts: steps, tokens, memory; and from the memory, what the forward pass keeps. */
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import type { TrainPlan } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Decoder, Keep } from '#model/decoder.ts';
import type { DeviceLora } from '#model/lora.ts';
import { estimateBytes } from './estimate.ts';
import { packForStep } from './pack.ts';

/** Activations beyond this are computed again instead of kept: what a laptop's GPU gives a page without complaint. */
const KEEP_BYTES = 1.5 * 2 ** 30;

/** @param keep asked for; by memory where undefined */
export function planRun(
	model: Decoder,
	lora: DeviceLora,
	recipe: Recipe,
	pairs: readonly TokenizedPair[],
	keep: Exclude<Keep, 'none'> | undefined,
): { plan: Omit<TrainPlan, 'truncated' | 'dropped'>; keep: Exclude<Keep, 'none'> } {
	const { batchPairs, accumulationSteps } = recipe.training;
	const perStep = batchPairs * accumulationSteps;
	const largest = packForStep(longest(pairs, batchPairs));
	const shape = { rows: largest.ids.length, targets: largest.targets.length, accumulationSteps };
	const estimate = (kept: Exclude<Keep, 'none'>): number =>
		estimateBytes(model, lora, { ...shape, keep: kept });
	const chosen = keep ?? (estimate('all') <= KEEP_BYTES ? 'all' : 'inputs');
	const tokens = pairs.reduce((sum, pair) => sum + tokensOf(pair), 0);
	return {
		plan: {
			pairs: pairs.length,
			stepsPerEpoch: Math.ceil(pairs.length / perStep),
			trainableParameters: lora.parameters,
			tokensPerStep: Math.round((tokens / pairs.length) * perStep),
			estimatedBytes: estimate(chosen),
		},
		keep: chosen,
	};
}

/** Tokens as TRL counts them: both sides with their prompt each. */
function tokensOf({ promptIds, chosenIds, rejectedIds }: TokenizedPair): number {
	return 2 * promptIds.length + chosenIds.length + rejectedIds.length;
}

function longest(pairs: readonly TokenizedPair[], count: number): TokenizedPair[] {
	return pairs.toSorted((a, b) => tokensOf(b) - tokensOf(a)).slice(0, count);
}
