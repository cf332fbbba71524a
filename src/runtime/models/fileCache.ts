/**
 * Cache of model files between visits. Uses WebLLM's own Cache API names and keys, so that both engines share
 * one download. Without a Cache API (plain http), keeps the files in memory until the worker ends.
 */
import { StorageError } from '#core/errors.ts';
import { CHAT_CONFIG } from './manifest.ts';

export interface CachedFile {
	bytes: Uint8Array<ArrayBuffer>;
	/** Digest verified when the file was written; empty if WebLLM wrote the file. */
	digest: string;
}

export interface FileCache {
	read(scope: string, key: string): Promise<CachedFile | null>;
	/** @throws StorageError `model-cache-full` */
	write(scope: string, key: string, file: CachedFile): Promise<void>;
	remove(scope: string, key: string): Promise<void>;
}

const DIGEST_HEADER = 'x-anchorage-digest';

/** Cache names of WebLLM 0.2.86. */
export function scopeOf(name: string): string {
	if (name === CHAT_CONFIG) return 'webllm/config';
	return name.endsWith('.wasm') ? 'webllm/wasm' : 'webllm/model';
}

/**
 * The folder address in WebLLM's cache keys: in Hugging Face's form, on every server.
 *
 * @param folder absolute, ends with a slash
 */
export function webLlmFolder(folder: string): string {
	return /.+\/resolve\/.+\//.test(folder) ? folder : `${folder}resolve/main/`;
}

export function openFileCache(storage: CacheStorage | undefined = maybeCaches()): FileCache {
	return storage === undefined ? memoryCache() : browserCache(storage);
}

/** `caches` is missing on plain http and in Node, although the types claim that it exists. */
function maybeCaches(): CacheStorage | undefined {
	return (globalThis as { caches?: CacheStorage }).caches;
}

function browserCache(storage: CacheStorage): FileCache {
	return {
		async read(scope, key) {
			const cache = await storage.open(scope);
			const response = await cache.match(key);
			if (response === undefined) return null;
			return {
				bytes: new Uint8Array(await response.arrayBuffer()),
				digest: response.headers.get(DIGEST_HEADER) ?? '',
			};
		},
		async write(scope, key, { bytes, digest }) {
			const cache = await storage.open(scope);
			const headers = {
				'content-type': key.endsWith('.json') ? 'application/json' : 'application/octet-stream',
				'content-length': String(bytes.length),
				[DIGEST_HEADER]: digest,
			};
			try {
				await cache.put(key, new Response(bytes, { headers }));
			} catch (cause) {
				throw new StorageError(`There is no room on this machine to keep ${key} (${bytes.length} bytes).`, {
					code: 'model-cache-full',
					hint: 'Free some space, or delete runs and models on the Shelf, then load the model again.',
					context: { key, bytes: bytes.length },
					cause,
				});
			}
		},
		async remove(scope, key) {
			await (await storage.open(scope)).delete(key);
		},
	};
}

function memoryCache(): FileCache {
	const files = new Map<string, CachedFile>();
	return {
		read: (scope, key) => Promise.resolve(files.get(`${scope} ${key}`) ?? null),
		write: (scope, key, file) => {
			files.set(`${scope} ${key}`, file);
			return Promise.resolve();
		},
		remove: (scope, key) => {
			files.delete(`${scope} ${key}`);
			return Promise.resolve();
		},
	};
}
