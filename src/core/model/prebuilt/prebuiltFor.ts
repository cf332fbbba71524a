/** Finds WebLLM's prebuilt library for a model that none of the page's own libraries fits. */
import type { LibraryWeights } from '../compiledLibrary.ts';
import { computes } from '../libraryFor.ts';
import type { ModelConfig } from '../model.ts';
import { LIBRARY_FOLDER } from '../second/secondModel.ts';
import { PREBUILT } from './libraries.ts';
import type { PrebuiltLibrary } from './prebuiltLibrary.ts';

/** MLC's names of the forms. A folder of bf16 is widened to f32 while WebLLM reads it. */
const FORM_NAMES: Readonly<Record<LibraryWeights, string>> = {
	f16: 'q0f16',
	bf16: 'q0f32',
	q4f16_1: 'q4f16_1',
	q4f32_1: 'q4f32_1',
};
const CONTEXT_WINDOW = 2048;
/** `cs1k` in the file names. */
const PREFILL_CHUNK = 1024;

/**
 * The prebuilt library that was compiled for exactly these sizes, or null.
 *
 * @param weights form of the model's folder
 */
export function prebuiltFor(config: ModelConfig, weights: LibraryWeights): PrebuiltLibrary | null {
	const found = PREBUILT.find((sizes) => sizes.forms.includes(weights) && computes(sizes.config, config));
	if (found === undefined) return null;
	const form = FORM_NAMES[weights];
	return {
		address: `${LIBRARY_FOLDER}${found.name}-${form}_cs1k-webgpu.wasm`,
		weights,
		needsF16: form.includes('f16'),
		contextWindow: CONTEXT_WINDOW,
		prefillChunk: PREFILL_CHUNK,
	};
}
