/**
 * Cache of model files between visits. Uses WebLLM's own Cache API names and keys, so that both engines share
 * one download. Files that the browser does not store stay in memory until the worker ends: the run goes on, and the page says so once.
 */
import { StorageError } from '#core/errors.ts';
import { announceRefusal } from '../storage/refusals.ts';
import { readBlob, streamOf } from './byteStreams.ts';
import { CHAT_CONFIG } from './manifest.ts';
import {
	type FileStore,
	type FileStores,
	MemoryBackedCache,
	MemoryBackedCaches,
	type OnRefused,
} from './memoryCaches.ts';

export interface CachedFile {
	bytes: Uint8Array<ArrayBuffer>;
	/** Digest verified when the file was written; empty if WebLLM wrote the file. */
	digest: string;
}

/** A cached file whose bytes are read range by range. */
export interface StoredFile {
	/** Bytes. */
	size: number;
	/** As in {@link CachedFile}. */
	digest: string;
	/**
	 * Bytes from `start` up to, but not including, `end`; the caller owns them. Fewer if the file ends before.
	 *
	 * @throws DOMException if the browser no longer has the bytes
	 */
	read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A file to store whose bytes are made on the way. */
export interface NewFile {
	/** Bytes. */
	size: number;
	/** Each piece is read before the next is asked for. */
	pieces: AsyncIterable<Uint8Array>;
	/** Called after the last piece. */
	digest: () => string;
}

export interface FileCache {
	read(scope: string, key: string): Promise<CachedFile | null>;
	/** Like `read`, without reading the bytes. */
	open(scope: string, key: string): Promise<StoredFile | null>;
	/** Keeps the file in memory if the browser does not store it. */
	write(scope: string, key: string, file: CachedFile): Promise<void>;
	/**
	 * Stores a file of any size in little memory.
	 *
	 * @throws the error of its pieces, or the browser's refusal; nothing is stored then
	 */
	store(scope: string, key: string, file: NewFile): Promise<void>;
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
	const open = async (scope: string, key: string): Promise<StoredFile | null> => {
		const cache = await storage.open(scope);
		const response = await cache.match(key);
		// A cached file whose bytes are gone is downloaded again.
		const blob = (await response?.blob().catch(() => null)) ?? null;
		if (response === undefined || blob === null) return null;
		return {
			size: blob.size,
			digest: response.headers.get(DIGEST_HEADER) ?? (await digestBeside(cache, key)),
			read: (start, end) => readBlob(blob, start, end),
		};
	};
	return {
		open,
		async read(scope, key) {
			const file = await open(scope, key);
			const bytes = (await file?.read(0, file.size).catch(() => null)) ?? null;
			return file === null || bytes === null ? null : { bytes, digest: file.digest };
		},
		async write(scope, key, { bytes, digest }) {
			const headers = new Headers({ ...headersOf(key, bytes.length), [DIGEST_HEADER]: digest });
			const cache = await storage.open(scope);
			if (cache instanceof MemoryBackedCache) await cache.keep(key, bytes, headers);
			else await cache.put(key, new Response(bytes, { headers }));
		},
		store: async (scope, key, file) => storeIn(await storage.open(scope), key, file),
		async hold(scope, key, bytes) {
			const cache = await storage.open(scope);
			if (cache instanceof MemoryBackedCache) cache.hold(key, new Blob([bytes]));
			else await cache.put(key, new Response(bytes));
		},
		async remove(scope, key) {
			const cache = await storage.open(scope);
			await cache.delete(key);
			await cache.delete(besideOf(key));
		},
		async has(scope, key) {
			const response = await (await storage.open(scope)).match(key);
			void response?.body?.cancel().catch(() => undefined);
			return response !== undefined;
		},
		async keys(scope) {
			const keys = (await (await storage.open(scope)).keys()).map(({ url }) => url);
			return keys.filter((key) => !key.endsWith(BESIDE));
		},
		held: () => (storage instanceof MemoryBackedCaches ? storage.held() : 0),
		async storeHeld() {
			if (storage instanceof MemoryBackedCaches) await storage.storeHeld();
		},
	};
}

async function storeIn(cache: FileStore, key: string, file: NewFile): Promise<void> {
	// The digest of an earlier file would vouch for this one.
	await cache.delete(besideOf(key));
	const { pieces, failure } = watched(file.pieces);
	const response = new Response(streamOf(pieces), { headers: headersOf(key, file.size) });
	try {
		if (cache instanceof MemoryBackedCache) await cache.store(key, response);
		else await cache.put(key, response);
	} catch (cause) {
		throw failure() ?? cause;
	}
	await cache.put(besideOf(key), new Response(file.digest(), { headers: headersOf(key, 64) }));
}

/** Marks the entry with a file's digest, which is not known yet when the file's own headers are written. */
const BESIDE = 'anchorage=digest';

function besideOf(key: string): string {
	return `${key}${key.includes('?') ? '&' : '?'}${BESIDE}`;
}

async function digestBeside(cache: FileStore, key: string): Promise<string> {
	const response = await cache.match(besideOf(key));
	return (await response?.text().catch(() => '')) ?? '';
}

function headersOf(key: string, size: number): Record<string, string> {
	return {
		'content-type': key.endsWith('.json') ? 'application/json' : 'application/octet-stream',
		'content-length': String(size),
	};
}

/** The browser reports a failure of a body in its own words. */
function watched(pieces: AsyncIterable<Uint8Array>): {
	pieces: AsyncIterable<Uint8Array>;
	failure: () => unknown;
} {
	let failure: unknown = null;
	const made = async function* (): AsyncGenerator<Uint8Array> {
		try {
			yield* pieces;
		} catch (cause) {
			failure = cause;
			throw cause;
		}
	};
	return { pieces: made(), failure: () => failure };
}
