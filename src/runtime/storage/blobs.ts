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
	};
}
