/**
 * Settings with which training fits the memory of a device, in the order of what they cost: activations that are computed again and
 * smaller micro-batches take time and give the same update; shorter pairs change what the model learns from.
 *
 * The head's logits are no choice: they never exist at once, only in chunks of 16 MB (engine/kernels/targetLogps/backward.ts).
 */
import type { RowTokens } from '../batch/rowLengths.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { stepRows, trainingMemory, type WeightPlacement } from './memory.ts';
import type { ModelConfig } from './model.ts';

export interface MemoryProposal {
	kind: 'activations' | 'batch' | 'length';
	/** The settings to change; the others stay. */
	training: Partial<
		Pick<Recipe['training'], 'activations' | 'batchPairs' | 'accumulationSteps' | 'maxLength'>
	>;
	/** Predicted peak with them, bytes. */
	bytes: number;
	/** Pairs of the known ones that training would leave out, and cut. Null if the pairs are not known yet, or none becomes shorter. */
	pairs: { leftOut: number; cut: number } | null;
}

export interface MemoryRequest {
	config: ModelConfig;
	recipe: Recipe;
	placement: WeightPlacement;
	/** Bytes that the page may take. */
	budget: number;
	/** Lengths of the pairs to train on; null before they are made. */
	pairs: readonly RowTokens[] | null;
}

/** Lengths in tokens are tried in steps of so many. */
const LENGTH_STEP = 16;
/** Shorter pairs have hardly an answer. */
const LEAST_LENGTH = 64;

/** Empty if the recipe fits as it is, or if nothing of this helps. */
export function memoryProposals(request: MemoryRequest): readonly MemoryProposal[] {
	if (peakOf(request, {}).fits) return [];
	const activations = proposed(request, 'activations', { activations: 'auto' });
	const batch = smallerBatch(request);
	// If single pairs are too large as they are, they stay as long as they can be.
	const length = shorterPairs(request, batch === null ? onePair(request) : {});
	return [activations, batch, length].filter((proposal) => proposal !== null);
}

/** The largest micro-batches that fit, with the same pairs per update. */
function smallerBatch(request: MemoryRequest): MemoryProposal | null {
	const { batchPairs: most, accumulationSteps } = request.recipe.training;
	const pairs = most * accumulationSteps;
	for (let batchPairs = most - 1; batchPairs > 0; batchPairs--) {
		if (pairs % batchPairs !== 0) continue;
		const found = proposed(request, 'batch', { ...inBatchesOf(batchPairs, pairs), ...AUTOMATIC });
		if (found !== null) return found;
	}
	return null;
}

/** The longest pairs that fit. */
function shorterPairs(request: MemoryRequest, training: MemoryProposal['training']): MemoryProposal | null {
	const { maxLength } = request.recipe.training;
	const most = Math.min(maxLength, request.config.maxPositions) - 1;
	for (let length = most - (most % LENGTH_STEP); length >= LEAST_LENGTH; length -= LENGTH_STEP) {
		const found = proposed(request, 'length', { ...training, maxLength: length, ...AUTOMATIC });
		const pairs = shortened(request.pairs, length);
		if (pairs !== null && pairs.leftOut === request.pairs?.length) return null;
		if (found !== null) return { ...found, pairs };
	}
	return null;
}

const AUTOMATIC = { activations: 'auto' } as const;

function onePair({ recipe: { training } }: MemoryRequest): MemoryProposal['training'] {
	return inBatchesOf(1, training.batchPairs * training.accumulationSteps);
}

function inBatchesOf(batchPairs: number, pairs: number): MemoryProposal['training'] {
	return { batchPairs, accumulationSteps: pairs / batchPairs };
}

/** Null if it does not fit. */
function proposed(
	request: MemoryRequest,
	kind: MemoryProposal['kind'],
	change: MemoryProposal['training'],
): MemoryProposal | null {
	const { bytes, fits } = peakOf(request, change);
	if (!fits) return null;
	const { training } = request.recipe;
	const entries = Object.entries(change).filter(
		([name, value]) => training[name as keyof typeof change] !== value,
	);
	return { kind, training: Object.fromEntries(entries), bytes, pairs: null };
}

function peakOf(
	{ config, recipe, placement, budget, pairs }: MemoryRequest,
	change: MemoryProposal['training'],
): { bytes: number; fits: boolean } {
	const changed: Recipe = { ...recipe, training: { ...recipe.training, ...change } };
	const rows = pairs === null ? stepRows(config, changed) : rowsOf(pairs, config, changed);
	return trainingMemory(config, changed, placement, budget, rows);
}

/** Packed tokens of a micro-batch of the longest pairs. Both sides of a pair are taken as long as the longer one. */
function rowsOf(pairs: readonly RowTokens[], config: ModelConfig, { training }: Recipe): number {
	const longest = Math.min(training.maxLength, config.maxPositions);
	const rows = pairs
		.filter(({ prompt }) => prompt < longest)
		.map(({ prompt, answer }) => prompt + 2 * Math.min(answer, longest - prompt))
		.sort((a, b) => b - a);
	return rows.slice(0, training.batchPairs).reduce((sum, count) => sum + count, 0);
}

function shortened(pairs: readonly RowTokens[] | null, length: number): MemoryProposal['pairs'] {
	if (pairs === null) return null;
	const leftOut = pairs.filter(({ prompt }) => prompt >= length).length;
	const cut = pairs.filter(({ prompt, answer }) => prompt < length && prompt + answer > length).length;
	return { leftOut, cut };
}
