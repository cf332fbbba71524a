/** Memory and time of a model on this device, in words: whether it samples and trains here. */
import type { RowTokens } from '#core/batch/rowLengths.ts';
import { samplingBytes, trainingMemory, type WeightPlacement } from '#core/model/memory.ts';
import { memoryProposals, type MemoryProposal } from '#core/model/memoryProposals.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { SENSIBLE_SECONDS, runSeconds } from '#core/model/speed.ts';
import type { DeviceReport } from '#core/device/report.ts';
import { byteSize } from '#core/format/byteSize.ts';
import type { NumberFormat } from '#core/format/numberFormat.ts';
import type { Activations, Recipe } from '#core/recipe/recipe.ts';
import { counted } from './format.ts';

/** A model as its files hold it. */
export interface FittedModel {
	config: ModelConfig;
	/** Number format of its matrices. */
	weights: NumberFormat;
}

export interface ModelFit {
	/** Bytes to sample and to train, about. */
	sampling: number;
	training: number;
	/** Activations that training keeps within the budget. */
	activations: Activations;
	/** Bytes that the page may take; null if unknown. */
	budget: number | null;
	/** Seconds of the recipe’s run, about. */
	seconds: number;
	/** Settings with which training fits, the cheapest first; empty if the recipe's own fit, or if none help. */
	proposals: readonly MemoryProposal[];
	/** `samples and trains`; `samples; training wants 5.1 GB of 4.0 GB`. */
	words: string;
	/** False if even sampling takes more than the budget. */
	samples: boolean;
	trains: boolean;
	/** False if the run takes longer than people usually wait. */
	sensible: boolean;
}

/**
 * @param recipe its lengths, pairs per step and adapter count
 * @param pairs  lengths of the pairs to train on; null before they are made
 */
export function modelFit(
	{ config, weights }: FittedModel,
	recipe: Recipe,
	device: DeviceReport | null,
	pairs: readonly RowTokens[] | null = null,
): ModelFit {
	const placement = placementOn(device, weights);
	const budget = device?.budgetBytes ?? null;
	const sampling = samplingBytes(config, recipe, placement);
	const memory = trainingMemory(config, recipe, placement, budget ?? Infinity);
	const seconds = runSeconds(config, recipe, device);
	const samples = budget === null || sampling <= budget;
	const fit = {
		...{ sampling, training: memory.bytes, activations: memory.activations, budget, seconds, samples },
		trains: samples && memory.fits,
		sensible: seconds <= SENSIBLE_SECONDS,
		proposals: budget === null ? [] : memoryProposals({ config, recipe, placement, budget, pairs }),
	};
	return { ...fit, words: wordsOf(fit) };
}

function placementOn(device: DeviceReport | null, stored: NumberFormat): WeightPlacement {
	const storage = device?.kernels?.settings.weights ?? 'stored';
	return { stored, storage, backend: device?.backend ?? 'webgpu' };
}

function wordsOf({
	sampling,
	training,
	budget,
	seconds,
	samples,
	trains,
	sensible,
	proposals,
}: Omit<ModelFit, 'words'>): string {
	const of = budget === null ? '' : ` of ${byteSize(budget)}`;
	if (!samples) return `too large for this device: ${byteSize(sampling)}${of}`;
	if (!trains) return `samples; training wants ${byteSize(training)}${of}${proposed(proposals)}`;
	return sensible ? 'samples and trains' : `samples and trains, slowly: about ${longTime(seconds)} a run`;
}

function proposed([cheapest]: readonly MemoryProposal[]): string {
	return cheapest === undefined ? '' : `, or ${byteSize(cheapest.bytes)} with ${settingsOf(cheapest)}`;
}

/** `16 pairs per step and 8 micro-batches`; `pairs of at most 192 tokens` */
export function settingsOf({ kind, training, pairs }: MemoryProposal): string {
	const { batchPairs, accumulationSteps, maxLength } = training;
	const batch =
		batchPairs === undefined || accumulationSteps === undefined
			? []
			: [
					`${counted(batchPairs, 'pair')} per step and ${counted(accumulationSteps, 'micro-batch', 'micro-batches')}`,
				];
	const lengths =
		maxLength === undefined ? [] : [`pairs of at most ${maxLength} tokens${shortenedWords(pairs)}`];
	return kind === 'activations'
		? 'activations that are computed again'
		: [...batch, ...lengths].join(', and ');
}

/** Cost of each kind of proposal, in words. */
export const PROPOSAL_COSTS: Readonly<Record<MemoryProposal['kind'], string>> = {
	activations: 'slower, with the same update',
	batch: 'slower, with the same update',
	length: 'the model learns from shorter texts',
};

function shortenedWords(pairs: MemoryProposal['pairs']): string {
	if (pairs === null) return '';
	const parts = [
		...(pairs.cut > 0 ? [`cuts ${counted(pairs.cut, 'pair')}`] : []),
		...(pairs.leftOut > 0 ? [`leaves out ${counted(pairs.leftOut, 'pair')}`] : []),
	];
	return parts.length === 0 ? ', which changes no pair' : `, which ${parts.join(' and ')}`;
}

/** `5 hours`, `3 days` */
export function longTime(seconds: number): string {
	const hours = seconds / 3600;
	return hours < 48 ? counted(Math.round(hours), 'hour') : counted(Math.round(hours / 24), 'day');
}
