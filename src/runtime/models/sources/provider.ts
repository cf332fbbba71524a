/** A provider of models for the catalogue: one file for each place that models come from. */
import type { ModelSource } from '#core/model/model.ts';
import type { Fetch } from '../download.ts';

export interface SourceContext {
	/** The page's address. Sources carry absolute addresses, because workers do not know it. */
	pageUrl: string;
	fetcher: Fetch;
}

export interface SourceProvider {
	/** The models of this place that the build can load. */
	list(context: SourceContext): Promise<readonly ModelSource[]>;
}
