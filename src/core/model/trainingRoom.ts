/** Whether training fits on the GPU beside WebLLM's copy of the weights. */
import type { DeviceReport } from '../device/report.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { trainingMemory } from './memory.ts';
import type { ModelConfig, ModelLibrary } from './model.ts';
import { webLlmBytes } from './webLlmMemory.ts';

export interface TrainingRoom {
	/** Bytes of WebLLM's copy, of training without it, and that the page may take. */
	copy: number;
	training: number;
	budget: number;
	/** False if WebLLM's copy must leave while the run trains. */
	fitsBoth: boolean;
}

/** Null if WebLLM holds no copy, or if the memory of the device is unknown. */
export function trainingRoom(
	config: ModelConfig,
	library: ModelLibrary | null,
	recipe: Recipe,
	device: DeviceReport | null,
): TrainingRoom | null {
	const budget = device?.budgetBytes;
	if (library === null || budget === undefined || device?.backend !== 'webgpu') return null;
	const copy = webLlmBytes(config, library);
	const { bytes: training } = trainingMemory(
		config,
		recipe,
		device.kernels?.settings.weights ?? 'f32',
		budget,
	);
	return { copy, training, budget, fitsBoth: copy + training <= budget };
}
