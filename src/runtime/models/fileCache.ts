/**
 * Cache of model files between visits. Uses WebLLM's own Cache API names and keys, so that both engines share
 * one download. Files that the browser does not store stay in memory until the worker ends: the run goes on, and the page says so once.
 */
import { StorageError } from '#core/errors.ts';
import { announceRefusal } from '../storage/refusals.ts';
import { CHAT_CONFIG } from './manifest.ts';
import { type FileStores, MemoryBackedCache, MemoryBackedCaches, type OnRefused } from './memoryCaches.ts';

export interface CachedFile {
	bytes: Uint8Array<ArrayBuffer>;
	/** Digest verified when the file was written; empty if WebLLM wrote the file. */
	digest: string;
}

export interface FileCache {
	read(scope: string, key: string): Promise<CachedFile | null>;
	/** Keeps the file in memory if the browser does not store it. */
	write(scope: string, key: string, file: CachedFile): Promise<void>;
	/** Keeps a file in this thread's memory only, in place of a stored one, until `remove`. */
	hold(scope: string, key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
	remove(scope: string, key: string): Promise<void>;
	/** True if `read` finds the file; costs no reading of its bytes. */
	has(scope: string, key: string): Promise<boolean>;
	/** Keys of all files in a cache. */
	keys(scope: string): Promise<readonly string[]>;
	/** Bytes of files that are in memory because the browser did not store them. */
	held(): number;
	/** Tries again to store them, such as after the user freed space. */
	storeHeld(): Promise<void>;
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
	const at = folder.indexOf('/resolve/', 1);
	const names = at >= 0 && folder.lastIndexOf('/') > at + '/resolve/'.length;
	return names ? folder : `${folder}resolve/main/`;
}

/** @param storage the browser's caches, or a double; undefined keeps all files in memory */
export function openFileCache(storage: FileStores | undefined = sharedCaches()): FileCache {
	return fileCacheIn(storage ?? new MemoryBackedCaches(undefined, () => undefined));
}

/**
 * The browser's caches with memory behind them. They replace `caches` in this thread, because WebLLM reads only from there.
 *
 * @returns undefined on plain http and in Node, which have no caches although the types claim that they exist
 */
function sharedCaches(): FileStores | undefined {
	const real = (globalThis as { caches?: FileStores }).caches;
	if (real === undefined || real instanceof MemoryBackedCaches) return real;
	const caches = new MemoryBackedCaches(real, once(refused));
	Object.defineProperty(globalThis, 'caches', { value: caches, configurable: true });
	return caches;
}

/** After the first refusal others follow; one notice is enough. */
function once(notice: OnRefused): OnRefused {
	let done = false;
	return (...refusal) => {
		if (!done) notice(...refusal);
		done = true;
	};
}

function refused(address: string | null, bytes: number, cause: unknown): void {
	announceRefusal(notKept(address, bytes, cause));
}

/** The notice of the page if the browser stores no model files, or not all. */
export function notKept(address: string | null, bytes: number, cause: unknown): StorageError {
	const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
	const file =
		address === null ? 'model files' : `${address.slice(address.lastIndexOf('/') + 1)} (${bytes} bytes)`;
	return new StorageError(
		`The browser does not store ${file}${isFull ? ': its space for this page is used up' : ''}. The run goes on with the files in memory.`,
		{
			code: isFull ? 'model-cache-full' : 'model-cache-refused',
			hint: isFull
				? 'Delete runs or the model files on the Shelf, or free space on this machine; otherwise the next visit downloads them again.'
				: 'The next visit downloads them again. In a private window this is normal.',
			context: { address, bytes },
			cause,
		},
	);
}

function fileCacheIn(storage: FileStores): FileCache {
	return {
		async read(scope, key) {
			const response = await (await storage.open(scope)).match(key);
			if (response === undefined) return null;
			// A cached file whose bytes are gone is downloaded again.
			const bytes = await response.arrayBuffer().catch(() => null);
			if (bytes === null) return null;
			return { bytes: new Uint8Array(bytes), digest: response.headers.get(DIGEST_HEADER) ?? '' };
		},
		async write(scope, key, { bytes, digest }) {
			const headers = {
				'content-type': key.endsWith('.json') ? 'application/json' : 'application/octet-stream',
				'content-length': String(bytes.length),
				[DIGEST_HEADER]: digest,
			};
			await (await storage.open(scope)).put(key, new Response(bytes, { headers }));
		},
		async hold(scope, key, bytes) {
			const cache = await storage.open(scope);
			if (cache instanceof MemoryBackedCache) cache.hold(key, bytes.buffer);
			else await cache.put(key, new Response(bytes));
		},
		async remove(scope, key) {
			await (await storage.open(scope)).delete(key);
		},
		async has(scope, key) {
			const response = await (await storage.open(scope)).match(key);
			void response?.body?.cancel().catch(() => undefined);
			return response !== undefined;
		},
		async keys(scope) {
			return (await (await storage.open(scope)).keys()).map(({ url }) => url);
		},
		held: () => (storage instanceof MemoryBackedCaches ? storage.held() : 0),
		async storeHeld() {
			if (storage instanceof MemoryBackedCaches) await storage.storeHeld();
		},
	};
}
