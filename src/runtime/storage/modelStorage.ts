/** The stored files of models, by model, with sizes. */
import * as v from 'valibot';
import type { FileStore, FileStores } from '../models/memoryCaches.ts';
import { holdsModels, MODEL_PARTS } from '../models/modelScopes.ts';

export interface StoredModel {
	/** Address of the model's folder or repository; names the model for its deletion. */
	id: string;
	/** `owner/name`, or the last two folders of the address. */
	title: string;
	bytes: number;
	/** Files, not their parts. */
	files: number;
	/** True if a download of one of its files has not ended. */
	isUnfinished: boolean;
}

/** Missing on plain http, although the types claim that it exists. */
function browserCaches(): FileStores | undefined {
	return (globalThis as { caches?: FileStores }).caches;
}

/**
 * The model that a stored file belongs to: the repository or folder before `/resolve/`, which WebLLM's keys have on every server,
 * or else the folder of the file.
 *
 * @param address absolute
 */
export function modelOf(address: string): string {
	const { origin, pathname } = new URL(address);
	const resolve = pathname.indexOf('/resolve/', 1);
	return origin + pathname.slice(0, (resolve < 0 ? pathname.lastIndexOf('/') : resolve) + 1);
}

/** Most bytes first. Files that cannot be read count as empty. */
export async function storedModels(caches = browserCaches()): Promise<readonly StoredModel[]> {
	const models = new Map<string, Gathered>();
	for (const { scope, cache } of await modelCaches(caches)) {
		for (const request of await cache.keys()) {
			const response = await cache.match(request).catch(() => undefined);
			const id = modelOf(request.url);
			const model = models.get(id) ?? { bytes: 0, files: new Set(), open: new Set(), complete: new Set() };
			models.set(id, model);
			await gather(model, scope, request.url, response);
		}
	}
	return [...models].map(([id, model]) => rowOf(id, model)).sort((a, b) => b.bytes - a.bytes);
}

export async function removeStoredModel(id: string, caches = browserCaches()): Promise<void> {
	for (const { cache } of await modelCaches(caches))
		for (const request of await cache.keys()) if (modelOf(request.url) === id) await cache.delete(request);
}

export async function removeStoredModels(caches = browserCaches()): Promise<void> {
	for (const { scope } of await modelCaches(caches)) await caches?.delete(scope);
}

interface Gathered {
	bytes: number;
	/** Addresses without the mark of a part. */
	files: Set<string>;
	/** Files in parts, and those of them that are complete. */
	open: Set<string>;
	complete: Set<string>;
}

async function gather(
	model: Gathered,
	scope: string,
	address: string,
	response: Response | undefined,
): Promise<void> {
	const url = new URL(address);
	const part = scope === MODEL_PARTS ? url.searchParams.get('anchorage') : null;
	url.searchParams.delete('anchorage');
	model.files.add(url.href);
	// By the length that the header gives, because reading the files would take as long as loading them.
	const length = Number(response?.headers.get('content-length') ?? Number.NaN);
	model.bytes += Number.isFinite(length) ? length : ((await response?.blob())?.size ?? 0);
	if (part === null) return;
	if (part !== 'record') model.open.add(url.href);
	else if (await isComplete(response)) model.complete.add(url.href);
}

async function isComplete(response: Response | undefined): Promise<boolean> {
	const record: unknown = await response?.json().catch(() => null);
	return v.is(v.looseObject({ complete: v.literal(true) }), record);
}

function rowOf(id: string, { bytes, files, open, complete }: Gathered): StoredModel {
	const folders = new URL(id).pathname.split('/').filter((folder) => folder !== '');
	return {
		id,
		title: folders.slice(-2).join('/') || new URL(id).host,
		bytes,
		files: files.size,
		isUnfinished: [...open].some((file) => !complete.has(file)),
	};
}

async function modelCaches(
	caches: FileStores | undefined,
): Promise<readonly { scope: string; cache: FileStore }[]> {
	const names = (await caches?.keys().catch(() => [])) ?? [];
	const found: { scope: string; cache: FileStore }[] = [];
	for (const scope of names.filter(holdsModels)) {
		const cache = await caches?.open(scope);
		if (cache !== undefined) found.push({ scope, cache });
	}
	return found;
}
