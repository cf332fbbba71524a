/** The library with which WebLLM answers for a model: one beside the page, which takes adapters, else WebLLM's own. */
import type { LibraryWeights, PlacedLibrary } from './compiledLibrary.ts';
import { libraryFor } from './libraryFor.ts';
import type { ModelConfig, ModelLibrary } from './model.ts';
import { prebuiltFor } from './prebuilt/prebuiltFor.ts';

/**
 * Null if no library fits, so that the compute engine answers.
 *
 * @param listed libraries beside the page
 * @param forms  that the weights have, or may have if the model is not converted yet
 */
export function chooseLibrary(
	listed: readonly PlacedLibrary[],
	config: ModelConfig,
	forms: readonly LibraryWeights[],
): ModelLibrary | null {
	for (const weights of forms) {
		const compiled = libraryFor(listed, config, weights);
		if (compiled !== null) return { place: 'page', compiled };
	}
	for (const weights of forms) {
		const prebuilt = prebuiltFor(config, weights);
		if (prebuilt !== null) return { place: 'prebuilt', prebuilt };
	}
	return null;
}
