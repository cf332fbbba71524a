/**
 * The parts of one file in the cache, and the record that says which version of the file they belong to. A part is trusted only
 * if it carries the tag of that version, so that parts of two versions never mix.
 */
import * as v from 'valibot';
import type { CachedFile, FileCache, StoredFile } from '../fileCache.ts';
import { MODEL_PARTS } from '../modelScopes.ts';
import { tagOf, type RemoteFile } from './remoteFile.ts';

/** Several parts are in memory while files are loaded; a large model has a thousand of them. */
export const PART_BYTES = 2 ** 22;
/** Unfinished downloads of earlier versions go on in parts of this size. */
const FORMER_PART_BYTES = 2 ** 24;

const recordSchema = v.object({
	size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
	partSize: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	/** Version of the file: its digest, or the server's validator. */
	tag: v.string(),
	/** True if all parts are here and their digest was right. */
	complete: v.boolean(),
});
export type PartRecord = v.InferOutput<typeof recordSchema>;

/**
 * The parts of a file, in the size of those that are stored already.
 *
 * @param partSize of a new download
 */
export async function openParts(
	cache: FileCache,
	{ address, size }: Pick<RemoteFile, 'address' | 'size'>,
	partSize = PART_BYTES,
): Promise<PartStore> {
	const former = new PartStore(cache, address, size, FORMER_PART_BYTES);
	return (await former.has(0)) ? former : new PartStore(cache, address, size, partSize);
}

export class PartStore {
	readonly #cache: FileCache;
	readonly #address: string;
	readonly #size: number;
	readonly #partSize: number;

	/** @param address absolute; a fragment is not part of it */
	constructor(cache: FileCache, address: string, size: number, partSize: number) {
		this.#cache = cache;
		this.#address = address;
		this.#size = size;
		this.#partSize = partSize;
	}

	get partSize(): number {
		return this.#partSize;
	}

	/** Number of parts of the whole file. An empty file has none. */
	get count(): number {
		return Math.ceil(this.#size / this.#partSize);
	}

	lengthOf(part: number): number {
		return Math.min(this.#partSize, this.#size - part * this.#partSize);
	}

	/** The record of a file of this size in parts of this size; null if there is none. */
	async record(): Promise<PartRecord | null> {
		const kept = await this.#cache.read(MODEL_PARTS, this.#key('record'));
		const parsed = v.safeParse(recordSchema, kept === null ? null : parsedJson(kept));
		if (!parsed.success) return null;
		const { size, partSize } = parsed.output;
		return size === this.#size && partSize === this.#partSize ? parsed.output : null;
	}

	async writeRecord(tag: string, complete: boolean): Promise<void> {
		const record: PartRecord = { size: this.#size, partSize: this.#partSize, tag, complete };
		const bytes = new TextEncoder().encode(JSON.stringify(record));
		await this.#cache.write(MODEL_PARTS, this.#key('record'), { bytes, digest: tag });
	}

	/** Null if the part is missing, cut short, or of another version. */
	async open(part: number, tag: string): Promise<StoredFile | null> {
		const kept = await this.#cache.open(MODEL_PARTS, this.#key(part));
		return kept?.digest === tag && kept.size === this.lengthOf(part) ? kept : null;
	}

	/** Like `open`, and null if its bytes are gone. */
	async read(part: number, tag: string): Promise<Uint8Array<ArrayBuffer> | null> {
		const kept = await this.open(part, tag);
		const bytes = await kept?.read(0, kept.size).catch(() => null);
		return bytes?.length === kept?.size ? (bytes ?? null) : null;
	}

	has(part: number): Promise<boolean> {
		return this.#cache.has(MODEL_PARTS, this.#key(part));
	}

	async write(part: number, bytes: Uint8Array<ArrayBuffer>, tag: string): Promise<void> {
		await this.#cache.write(MODEL_PARTS, this.#key(part), { bytes, digest: tag });
	}

	/** Number of parts from the first one on, without reading them. */
	async keptParts(): Promise<number> {
		const keys = new Set(await this.#cache.keys(MODEL_PARTS));
		for (let part = 0; part < this.count; part++) if (!keys.has(this.#key(part))) return part;
		return this.count;
	}

	/** Removes the parts and the record. */
	async drop(): Promise<void> {
		await this.#cache.remove(MODEL_PARTS, this.#key('record'));
		for (let part = 0; part < this.count; part++) await this.#cache.remove(MODEL_PARTS, this.#key(part));
	}

	#key(part: number | 'record'): string {
		const url = new URL(this.#address);
		url.hash = '';
		url.searchParams.set('anchorage', part === 'record' ? part : `${this.#partSize}-${part}`);
		return url.href;
	}
}

/** Stores a file that was loaded and checked in another way, as a finished download. */
export async function keepWhole(
	cache: FileCache,
	file: RemoteFile,
	bytes: Uint8Array<ArrayBuffer>,
	partSize?: number,
): Promise<void> {
	const store = await openParts(cache, file, partSize);
	const tag = tagOf(file);
	for (let part = 0; part < store.count; part++)
		await store.write(part, bytes.slice(part * store.partSize, (part + 1) * store.partSize), tag);
	await store.writeRecord(tag, true);
}

function parsedJson({ bytes }: CachedFile): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(bytes));
	} catch {
		// A damaged record is none: the file is loaded again.
		return null;
	}
}
