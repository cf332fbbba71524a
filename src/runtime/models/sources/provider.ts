/** A provider of models for the catalogue: one file for each place that models come from. */
import type { ModelSource } from '#core/model/model.ts';
import type { PlacedLibrary } from '#core/model/compiledLibrary.ts';
import type { Fetch } from '../download.ts';
import type { FileCache } from '../fileCache.ts';

export interface SourceContext {
	/** The page's address. Sources carry absolute addresses, because workers do not know it. */
	pageUrl: string;
	fetcher: Fetch;
	openCache: () => FileCache;
	/** The compiled libraries beside the page. */
	libraries: () => Promise<readonly PlacedLibrary[]>;
}

export interface SourceProvider {
	/** The models of this place that the build can load. */
	list(context: SourceContext): Promise<readonly ModelSource[]>;
}
