/**
 * Large byte blocks by key, in the origin's private file system if pages can write there, else in IndexedDB.
 * Both write a block completely or not at all: a file is swapped in when its writer closes.
 */
import type { Database } from './database.ts';

export interface BlobStore {
	write(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
	/** Null if there is no block. */
	read(key: string): Promise<Uint8Array<ArrayBuffer> | null>;
	/** Accepts keys without a block. */
	remove(key: string): Promise<void>;
	keys(): Promise<readonly string[]>;
}

export type BlobPlace = 'files' | 'database';

/** The storage in which a page can write blocks: Safari before 26 has no file writer for pages. */
export function blobPlace(): BlobPlace {
	const hasFiles = 'storage' in navigator && 'getDirectory' in navigator.storage;
	return hasFiles && 'createWritable' in FileSystemFileHandle.prototype ? 'files' : 'database';
}

function isMissing(thrown: unknown): boolean {
	return thrown instanceof DOMException && thrown.name === 'NotFoundError';
}

/** Turns a key into a file name; letters, digits, dots and dashes stay. */
function fileName(key: string): string {
	return encodeURIComponent(key);
}

/** Files that this page did not name are no blocks. */
function keyOf(name: string): string | null {
	try {
		return decodeURIComponent(name);
	} catch {
		return null;
	}
}

/** Stores blocks as files in one folder of the origin's private file system. */
export function fileBlobs(folderName: string): BlobStore {
	const folder = async (): Promise<FileSystemDirectoryHandle> => {
		const root = await navigator.storage.getDirectory();
		return root.getDirectoryHandle(folderName, { create: true });
	};
	return {
		write: async (key, bytes) => {
			const handle = await (await folder()).getFileHandle(fileName(key), { create: true });
			const writer = await handle.createWritable();
			try {
				await writer.write(bytes);
				await writer.close();
			} catch (thrown) {
				// An aborted writer leaves the file unchanged. An error of `abort` must not hide the original error.
				await writer.abort().catch(() => undefined);
				throw thrown;
			}
		},
		read: async (key) => {
			try {
				const handle = await (await folder()).getFileHandle(fileName(key));
				return new Uint8Array(await (await handle.getFile()).arrayBuffer());
			} catch (thrown) {
				if (isMissing(thrown)) return null;
				throw thrown;
			}
		},
		remove: async (key) => {
			try {
				await (await folder()).removeEntry(fileName(key));
			} catch (thrown) {
				if (!isMissing(thrown)) throw thrown;
			}
		},
		keys: async () => {
			const keys: string[] = [];
			for await (const name of (await folder()).keys()) {
				const key = keyOf(name);
				if (key !== null) keys.push(key);
			}
			return keys;
		},
	};
}

/** Stores blocks as values in the database. */
export function databaseBlobs(database: () => Promise<Database>): BlobStore {
	return {
		write: async (key, bytes) => {
			const { buffer, byteOffset, byteLength } = bytes;
			await (await database()).put('blobs', buffer.slice(byteOffset, byteOffset + byteLength), key);
		},
		read: async (key) => {
			const buffer = await (await database()).get('blobs', key);
			return buffer === undefined ? null : new Uint8Array(buffer);
		},
		remove: async (key) => {
			await (await database()).delete('blobs', key);
		},
		keys: async () => (await database()).getAllKeys('blobs'),
	};
}

/**
 * Writes to the first place, and to the second if the browser refuses the first. Reads and removes in both, because a browser can
 * gain or lose the file system between two visits.
 */
export function eitherBlobs(first: BlobStore, second: BlobStore): BlobStore {
	return {
		write: async (key, bytes) => {
			try {
				await first.write(key, bytes);
			} catch (thrown) {
				// A full disk is full for both places.
				if (!isRefusal(thrown)) throw thrown;
				await second.write(key, bytes);
				return;
			}
			await second.remove(key).catch(() => undefined);
		},
		read: async (key) => {
			const found = await first.read(key).catch((thrown: unknown) => {
				if (isRefusal(thrown)) return null;
				throw thrown;
			});
			return found ?? second.read(key);
		},
		remove: async (key) => {
			await first.remove(key).catch((thrown: unknown) => {
				if (!isRefusal(thrown)) throw thrown;
			});
			await second.remove(key);
		},
		keys: async () => {
			const keys = await first.keys().catch((thrown: unknown) => {
				if (isRefusal(thrown)) return [];
				throw thrown;
			});
			return [...new Set([...keys, ...(await second.keys())])];
		},
	};
}

const REFUSALS: ReadonlySet<string> = new Set([
	'SecurityError',
	'NotAllowedError',
	'NotSupportedError',
	'UnknownError',
	'TypeError',
]);

/** True if the browser offers no such storage here, as in some private windows. */
function isRefusal(thrown: unknown): boolean {
	return (thrown instanceof DOMException || thrown instanceof TypeError) && REFUSALS.has(thrown.name);
}
