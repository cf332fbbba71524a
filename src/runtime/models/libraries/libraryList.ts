/** The list of compiled libraries beside the page, kept for visits without a network. */
import { RemoteError } from '#core/errors.ts';
import { readLibraries, type PlacedLibrary } from '#core/model/compiledLibrary.ts';
import { download, type Fetch } from '../download.ts';
import type { FileCache } from '../fileCache.ts';
import { parseJson, UNKNOWN } from '../manifest.ts';
import { LIBRARIES } from '../modelScopes.ts';

const LIST = 'libraries/index.json';

/**
 * The libraries that WebLLM can use here; empty if the page has no list, or one that cannot be read: the compute engine then
 * answers.
 *
 * @param pageUrl the page's address
 */
export async function listLibraries(
	pageUrl: string,
	fetcher: Fetch,
	cache: FileCache,
): Promise<readonly PlacedLibrary[]> {
	const address = new URL(LIST, pageUrl).href;
	try {
		const bytes = await current(address, fetcher, cache);
		if (bytes === null) return [];
		return readLibraries(parseJson(bytes, address)).map((library) => ({
			...library,
			address: new URL(library.file, address).href,
		}));
	} catch {
		// Neither a damaged list nor a browser that refuses its caches stops the models.
		return [];
	}
}

/** The server's list; the cached one if the server cannot be reached; null if there is none. */
async function current(
	address: string,
	fetcher: Fetch,
	cache: FileCache,
): Promise<Uint8Array<ArrayBuffer> | null> {
	try {
		const bytes = await download(address, {
			fetch: fetcher,
			signal: new AbortController().signal,
			onBytes: () => undefined,
			expected: UNKNOWN,
			// Models wait for the list, and the compute engine answers without it.
			waits: [],
			patience: 20_000,
		});
		if (bytes !== null) await cache.write(LIBRARIES, address, { bytes, digest: '' });
		return bytes;
	} catch (error) {
		const cached = error instanceof RemoteError ? await cache.read(LIBRARIES, address) : null;
		if (cached === null) throw error;
		return cached.bytes;
	}
}
