/** The models that this build can load, from every place. To add a place: write its file under sources/ and name it here. */
import type { PlacedLibrary } from '#core/model/compiledLibrary.ts';
import type { ModelCatalogue } from '#core/ports.ts';
import type { Fetch } from './download.ts';
import { openFileCache, type FileCache } from './fileCache.ts';
import { listLibraries } from './libraries/libraryList.ts';
import type { FileStores } from './memoryCaches.ts';
import { embedded } from './sources/embedded.ts';
import { kept } from './sources/kept.ts';
import type { SourceProvider } from './sources/provider.ts';

const PROVIDERS: readonly SourceProvider[] = [embedded, kept];

/**
 * @param pageUrl the page's address
 * @param openCache default: the browser's caches
 */
export function modelCatalogue(
	pageUrl: string,
	fetcher: Fetch = (a, b) => fetch(a, b),
	openCache: () => FileCache = pageCache,
): ModelCatalogue {
	let listed: readonly PlacedLibrary[] = [];
	const libraries = async (): Promise<readonly PlacedLibrary[]> => {
		// An empty list may come from a server that was busy, so it is asked for again.
		if (listed.length === 0) listed = await listLibraries(pageUrl, fetcher, openCache());
		return listed;
	};
	const list = async () => {
		const context = { pageUrl, fetcher, openCache, libraries };
		return (await Promise.all(PROVIDERS.map((provider) => provider.list(context)))).flat();
	};
	return { list, libraries };
}

/** The page only lists: its own `caches` stay as they are, because other code asks them for their names. */
function pageCache(): FileCache {
	return openFileCache((globalThis as { caches?: FileStores }).caches);
}
