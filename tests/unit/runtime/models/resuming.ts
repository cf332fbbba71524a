/** Downloads of a small model from a hub in miniature. A reload is a new download over the same cache. */
import { type FileCache } from '#runtime/models/fileCache.ts';
import { readHubAddress } from '#runtime/models/hub/address.ts';
import { openRepository } from '#runtime/models/hub/repository.ts';
import { ModelDownload, type ModelDownloadOptions } from '#runtime/models/transfer/modelDownload.ts';
import type { RemoteFile } from '#runtime/models/transfer/remoteFile.ts';
import { cutAfter, large, noise, REPOSITORY, serveHub, small, type HubServer } from './hubServer.ts';

export const never = new AbortController().signal;
export const PART = 1000;
export const WEIGHTS = 'model.safetensors';
export const BYTES = noise(10_500);

const hubs: HubServer[] = [];

/** For `afterEach`. */
export async function closeHubs(): Promise<void> {
	await Promise.all(hubs.splice(0).map((hub) => hub.close()));
}

export async function start(): Promise<{
	hub: HubServer;
	files: readonly RemoteFile[];
	weights: RemoteFile;
}> {
	const hub = await serveHub(
		new Map([
			['config.json', small('{"model_type":"llama"}')],
			[WEIGHTS, large(BYTES)],
		]),
	);
	hubs.push(hub);
	const repository = await openRepository(readHubAddress(REPOSITORY, hub.origin), { signal: never });
	const files = [...repository.files.values()];
	hub.asked.length = 0;
	const weights = files.find(({ path }) => path === WEIGHTS);
	if (weights === undefined) throw new Error('no weights');
	return { hub, files, weights };
}

export function downloadOf(
	files: readonly RemoteFile[],
	cache: FileCache,
	options: Partial<ModelDownloadOptions> = {},
): ModelDownload {
	return new ModelDownload(files, {
		title: REPOSITORY,
		signal: never,
		cache,
		onProgress: () => undefined,
		waits: [1, 1],
		partSize: PART,
		...options,
	});
}

export async function bytesOf(
	download: Promise<ReadonlyMap<string, { size: number; read: Read }>>,
): Promise<Buffer> {
	const source = (await download).get(WEIGHTS);
	return Buffer.from((await source?.read(0, source.size)) ?? []);
}
type Read = (start: number, end: number) => Promise<Uint8Array>;

/** Cuts the weights after the given counts of bytes, then behaves. */
export function cuts(hub: HubServer, ...counts: number[]): void {
	hub.fault = (request, response) => {
		const count = request.file === WEIGHTS ? counts.shift() : undefined;
		return count === undefined ? false : cutAfter(count, BYTES, request, response);
	};
}

/** Sends other bytes in place of a file, so many times. */
export function sends(hub: HubServer, name: string, bytes: Buffer | string, times = Infinity): void {
	let left = times;
	hub.fault = ({ file }, response) => {
		if (file !== name || left-- <= 0) return false;
		response.end(bytes);
		return true;
	};
}
