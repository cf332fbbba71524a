/** The models that the user added: their files are in the browser's cache. */
import { chooseLibrary } from '#core/model/chooseLibrary.ts';
import type { PlacedLibrary } from '#core/model/compiledLibrary.ts';
import type { KeptModel } from '#core/model/keeper.ts';
import type { ModelLibrary } from '#core/model/model.ts';
import { KeptStore } from '../kept/keptStore.ts';
import type { SourceProvider } from './provider.ts';

/** The model's own library, one beside the page that fits its sizes and weights, or a prebuilt one of WebLLM. */
function libraryOf(
	{ source, config, libraryForm }: KeptModel,
	listed: readonly PlacedLibrary[],
): ModelLibrary | null {
	if (source.library !== null || libraryForm === null) return source.library;
	return chooseLibrary(listed, config, [libraryForm]);
}

export const kept: SourceProvider = {
	async list({ openCache, libraries }) {
		try {
			const { kept } = await new KeptStore(openCache()).shelf();
			const listed = kept.length === 0 ? [] : await libraries();
			return kept.map((model) => ({ ...model.source, library: libraryOf(model, listed) }));
		} catch {
			// A browser that refuses its caches keeps no models, and the models beside the page still work.
			return [];
		}
	},
};
