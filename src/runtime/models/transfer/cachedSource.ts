/** The bytes of a finished download, read from its parts in the cache. */
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import { expectRange } from '#core/checkpoint/range.ts';
import { Cancelled, StorageError } from '#core/errors.ts';
import type { FileCache } from '../fileCache.ts';
import { PART_BYTES, PartStore } from './partStore.ts';
import { tagOf, type RemoteFile } from './remoteFile.ts';

/** Parts in memory: tensors are small beside a part, and one may reach into the next. */
const MOST_PARTS = 2;

/** The file's bytes if an earlier download completed this version of it; else null. */
export async function cachedSource(
	cache: FileCache,
	file: RemoteFile,
	partSize = PART_BYTES,
): Promise<ByteSource | null> {
	const store = new PartStore(cache, file.address, file.size, partSize);
	const record = await store.record();
	const own = tagOf(file);
	if (record?.complete !== true || (own !== '' && own !== record.tag)) return null;
	return (await store.keptParts()) === store.count ? new CachedSource(file, store, record.tag) : null;
}

class CachedSource implements ByteSource {
	readonly name: string;
	readonly size: number;
	readonly #store: PartStore;
	readonly #tag: string;
	/** By part, the last used at the end. Parallel reads of one part share one reading. */
	readonly #parts = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();

	constructor(file: RemoteFile, store: PartStore, tag: string) {
		this.name = file.path;
		this.size = file.size;
		this.#store = store;
		this.#tag = tag;
	}

	async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
		expectRange(this.name, this.size, start, end);
		const bytes = new Uint8Array(end - start);
		const { partSize } = this.#store;
		for (let at = start; at < end;) {
			if (signal?.aborted === true) throw new Cancelled();
			const index = Math.floor(at / partSize);
			const from = at - index * partSize;
			const piece = (await this.#part(index)).subarray(from, from + end - at);
			bytes.set(piece, at - start);
			at += piece.length;
		}
		return bytes;
	}

	#part(index: number): Promise<Uint8Array<ArrayBuffer>> {
		const part = this.#parts.get(index) ?? this.#load(index);
		this.#parts.delete(index);
		this.#parts.set(index, part);
		for (const oldest of this.#parts.keys()) {
			if (this.#parts.size <= MOST_PARTS) break;
			this.#parts.delete(oldest);
		}
		// A failure is not kept: the next read tries again.
		part.catch(() => this.#parts.delete(index));
		return part;
	}

	async #load(index: number): Promise<Uint8Array<ArrayBuffer>> {
		const part = await this.#store.read(index, this.#tag);
		if (part !== null) return part;
		throw new StorageError(`Part ${index + 1} of ${this.name} is no longer in the browser’s storage.`, {
			code: 'model-part-missing',
			hint: 'Load the model again: only the missing parts are downloaded.',
			context: { file: this.name, part: index },
		});
	}
}
