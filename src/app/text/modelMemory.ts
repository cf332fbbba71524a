/** Memory and time of a model on this device, in words: whether it samples and trains here. */
import { samplingBytes, trainingMemory, type WeightPlacement } from '#core/model/memory.ts';
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
	/** The same pairs per update in more, smaller batches that fit; null if the recipe's own fits, or none does. */
	smaller: SmallerBatch | null;
	/** `samples and trains`; `samples; training wants 5.1 GB of 4.0 GB`. */
	words: string;
	/** False if even sampling takes more than the budget. */
	samples: boolean;
	trains: boolean;
	/** False if the run takes longer than people usually wait. */
	sensible: boolean;
}

/** Settings of the recipe's training, and its peak with them in bytes. */
export interface SmallerBatch {
	batchPairs: number;
	accumulationSteps: number;
	bytes: number;
}

/** The largest batches that fit. */
function smallerBatch(
	config: ModelConfig,
	recipe: Recipe,
	placement: WeightPlacement,
	budget: number | null,
): SmallerBatch | null {
	if (budget === null || trainingMemory(config, recipe, placement, budget).fits) return null;
	const { training } = recipe;
	const pairs = training.batchPairs * training.accumulationSteps;
	for (let batchPairs = training.batchPairs - 1; batchPairs > 0; batchPairs--) {
		if (pairs % batchPairs !== 0) continue;
		const accumulationSteps = pairs / batchPairs;
		const tried = { ...recipe, training: { ...training, batchPairs, accumulationSteps } };
		const { bytes, fits } = trainingMemory(config, tried, placement, budget);
		if (fits) return { batchPairs, accumulationSteps, bytes };
	}
	return null;
}

/** @param recipe its lengths, pairs per step and adapter count */
export function modelFit(
	{ config, weights }: FittedModel,
	recipe: Recipe,
	device: DeviceReport | null,
): ModelFit {
	const backend = device?.backend ?? 'webgpu';
	const placement = { stored: weights, storage: device?.kernels?.settings.weights ?? 'stored', backend };
	const budget = device?.budgetBytes ?? null;
	const sampling = samplingBytes(config, recipe, placement);
	const memory = trainingMemory(config, recipe, placement, budget ?? Infinity);
	const seconds = runSeconds(config, recipe, device);
	const samples = budget === null || sampling <= budget;
	const smaller = smallerBatch(config, recipe, placement, budget);
	const fit = {
		...{ sampling, training: memory.bytes, activations: memory.activations, budget, seconds, samples },
		trains: samples && memory.fits,
		sensible: seconds <= SENSIBLE_SECONDS,
		smaller,
	};
	return { ...fit, words: wordsOf(fit) };
}

function wordsOf({
	sampling,
	training,
	budget,
	seconds,
	samples,
	trains,
	sensible,
	smaller,
}: Omit<ModelFit, 'words'>): string {
	const of = budget === null ? '' : ` of ${byteSize(budget)}`;
	if (!samples) return `too large for this device: ${byteSize(sampling)}${of}`;
	if (!trains) return `samples; training wants ${byteSize(training)}${of}${proposed(smaller)}`;
	return sensible ? 'samples and trains' : `samples and trains, slowly: about ${longTime(seconds)} a run`;
}

function proposed(smaller: SmallerBatch | null): string {
	if (smaller === null) return '';
	const { batchPairs, accumulationSteps, bytes } = smaller;
	return `, or ${byteSize(bytes)} with ${counted(batchPairs, 'pair')} per step and ${accumulationSteps} micro-batches`;
}

/** `5 hours`, `3 days` */
export function longTime(seconds: number): string {
	const hours = seconds / 3600;
	return hours < 48 ? counted(Math.round(hours), 'hour') : counted(Math.round(hours / 24), 'day');
}
