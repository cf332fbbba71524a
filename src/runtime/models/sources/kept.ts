/** The models that the user added: their files are in the browser's cache. */
import { openFileCache } from '../fileCache.ts';
import type { FileStores } from '../memoryCaches.ts';
import { KeptStore } from '../kept/keptStore.ts';
import type { SourceProvider } from './provider.ts';

export const kept: SourceProvider = {
	async list() {
		try {
			// The page only lists; its own `caches` stay as they are, because other code asks them for their names.
			const store = new KeptStore(openFileCache((globalThis as { caches?: FileStores }).caches));
			return (await store.shelf()).kept.map(({ source }) => source);
		} catch {
			// A browser that refuses its caches keeps no models, and the models beside the page still work.
			return [];
		}
	},
};
