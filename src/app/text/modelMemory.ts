/** Memory of a model on this device, in words: whether it answers and trains here. */
import { samplingBytes, trainingMemory } from '#core/model/memory.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { DeviceReport } from '#core/device/report.ts';
import type { Recipe } from '#core/recipe/recipe.ts';

export interface ModelFit {
	/** Bytes to answer and to train, about. */
	answering: number;
	training: number;
	/** Bytes that the page may take; null if unknown. */
	budget: number | null;
	/** `answers and trains here`. */
	words: string;
	/** False if even answering takes more than the budget. */
	answers: boolean;
	trains: boolean;
}

/** @param recipe its lengths, pairs per step and adapter count */
export function modelFit(config: ModelConfig, recipe: Recipe, device: DeviceReport | null): ModelFit {
	const weights = device?.kernels?.settings.weights ?? 'f32';
	const budget = device?.budgetBytes ?? null;
	const answering = samplingBytes(config, recipe, weights);
	const memory = trainingMemory(config, recipe, weights, budget ?? Infinity);
	const answers = budget === null || answering <= budget;
	const trains = answers && memory.fits;
	const words = !answers
		? 'needs more memory than this page may take'
		: trains
			? 'answers and trains here'
			: 'answers here; training needs more memory, or fewer pairs per step';
	return { answering, training: memory.bytes, budget, words, answers, trains };
}
