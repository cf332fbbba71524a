/** The browser's storage beside a run store, for tests in a real browser. */
import { openDB } from 'idb';
import { AppError } from '#core/errors.ts';
import type { BlobPlace } from '#runtime/storage/blobs.ts';

/** The AppError that the work rejects with. */
export async function failure(work: Promise<unknown>): Promise<AppError> {
	const thrown: unknown = await work.then(
		() => null,
		(error: unknown) => error,
	);
	if (thrown instanceof AppError) return thrown;
	throw new Error(`Expected an AppError, got ${String(thrown)}.`);
}

export function deleteDatabase(name: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.deleteDatabase(name);
		request.onsuccess = () => resolve();
		request.onerror = () => reject(request.error ?? new Error('delete failed'));
	});
}

/** Keys of the stored blocks of a run store, also of those without a row. */
export async function blockKeys(name: string, blobs: BlobPlace): Promise<string[]> {
	if (blobs === 'files') {
		const root = await navigator.storage.getDirectory();
		const folder = await root.getDirectoryHandle(`${name}-checkpoints`, { create: true });
		const keys: string[] = [];
		for await (const key of folder.keys()) keys.push(key);
		return keys.sort();
	}
	const database = await openDB(name);
	const keys = await database.getAllKeys('blobs');
	database.close();
	return keys.map(String);
}
