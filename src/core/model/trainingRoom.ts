/** Whether training fits on the GPU beside WebLLM's copy of the weights. */
import type { DeviceReport } from '../device/report.ts';
import type { NumberFormat } from '../format/numberFormat.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { LibraryWeights } from './compiledLibrary.ts';
import { trainingMemory } from './memory.ts';
import type { ModelConfig, ModelLibrary } from './model.ts';
import { sharedLibrary, webLlmBytes } from './webLlmMemory.ts';

export interface TrainingRoom {
	/** Bytes of WebLLM's copy, of training without it, and that the page may take. */
	copy: number;
	training: number;
	budget: number;
	/** False if WebLLM's copy must leave while the run trains. */
	fitsBoth: boolean;
}

/** Number format of a folder whose weights a library reads. The library of a model’s own folder reads f32. */
const STORED: Readonly<Record<LibraryWeights, NumberFormat>> = {
	f16: 'f16',
	bf16: 'bf16',
	q4f16_1: 'q4',
	q4f32_1: 'q4',
};

export function storedFormat(library: ModelLibrary): NumberFormat {
	const read = sharedLibrary(library);
	return read === null ? 'f32' : STORED[read.weights];
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
	const placement = {
		stored: storedFormat(library),
		storage: device.kernels?.settings.weights ?? 'stored',
		backend: device.backend,
	} as const;
	const { bytes: training } = trainingMemory(config, recipe, placement, budget);
	return { copy, training, budget, fitsBoth: copy + training <= budget };
}
