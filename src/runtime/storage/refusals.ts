/**
 * Refusals of the browser's storage that a worker went on without. Every tab of the page hears of them, because they share
 * the storage.
 */
import { toWire, type AppError, type WireError } from '#core/errors.ts';

const CHANNEL = 'anchorage-storage-refused';

export function announceRefusal(error: AppError): void {
	if (typeof BroadcastChannel === 'undefined') return;
	const channel = new BroadcastChannel(CHANNEL);
	const { kind, code, message, hint, context } = toWire(error);
	channel.postMessage({ kind, code, message, hint, context });
	channel.close();
}

/** @returns the function that ends it */
export function onRefusal(listener: (error: WireError) => void): () => void {
	if (typeof BroadcastChannel === 'undefined') return () => undefined;
	const channel = new BroadcastChannel(CHANNEL);
	channel.addEventListener('message', ({ data }: MessageEvent<WireError>) => listener(data));
	return () => channel.close();
}
