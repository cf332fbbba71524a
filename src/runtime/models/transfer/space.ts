/** Asks the browser for room before a download starts. */
import { StorageError } from '#core/errors.ts';
import { byteSize } from '#core/format/byteSize.ts';

export type Estimate = () => Promise<StorageEstimate>;

/** The browser's own estimate; undefined on plain http and in Node, which have none. */
function browserEstimate(): Estimate | undefined {
	const { storage } = (globalThis as { navigator?: { storage?: Partial<StorageManager> } }).navigator ?? {};
	return storage?.estimate === undefined ? undefined : () => (storage as StorageManager).estimate();
}

/** Bytes that the browser stores for this page yet; null if it does not say. */
export async function freeSpace(estimate: Estimate | undefined = browserEstimate()): Promise<number | null> {
	const answer = await estimate?.().catch(() => null);
	if (answer?.quota === undefined) return null;
	return Math.max(0, answer.quota - (answer.usage ?? 0));
}

/**
 * @param bytes still to store
 * @param what  for the message: `owner/name`
 * @throws StorageError `model-no-room` if the browser says that it has less room
 */
export async function expectSpace(bytes: number, what: string, estimate?: Estimate): Promise<void> {
	const free = await freeSpace(estimate);
	if (free === null || bytes <= free) return;
	throw new StorageError(
		`${what} needs ${byteSize(bytes)}, and the browser has ${byteSize(free)} left for this page: ${byteSize(bytes - free)} are missing.`,
		{
			code: 'model-no-room',
			hint: 'Delete runs or other models on the Shelf, or free space on this machine. Private windows have little space; a smaller or quantized model needs less.',
			context: { bytes, free },
		},
	);
}
