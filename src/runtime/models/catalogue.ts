/** The models that this build can load, from every place. To add a place: write its file under sources/ and name it here. */
import type { ModelCatalogue } from '#core/ports.ts';
import type { Fetch } from './download.ts';
import { embedded } from './sources/embedded.ts';
import { kept } from './sources/kept.ts';
import type { SourceProvider } from './sources/provider.ts';

const PROVIDERS: readonly SourceProvider[] = [embedded, kept];

/** @param pageUrl the page's address */
export function modelCatalogue(pageUrl: string, fetcher: Fetch = (a, b) => fetch(a, b)): ModelCatalogue {
	const context = { pageUrl, fetcher };
	return {
		list: async () => (await Promise.all(PROVIDERS.map((provider) => provider.list(context)))).flat(),
	};
}
