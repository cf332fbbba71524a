/** The bytes of a finished download, read from its parts in the cache. */
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import { expectRange } from '#core/checkpoint/range.ts';
import { AppError, Cancelled, StorageError } from '#core/errors.ts';
import { freeNow } from '#core/format/freeNow.ts';
import { joined } from '#core/format/joined.ts';
import type { FileCache, StoredFile } from '../fileCache.ts';
import { openParts, type PartStore } from './partStore.ts';
import { tagOf, type RemoteFile } from './remoteFile.ts';

/** The file's bytes if an earlier download completed this version of it; else null. */
export async function cachedSource(
	cache: FileCache,
	file: RemoteFile,
	partSize?: number,
): Promise<ByteSource | null> {
	const store = await openParts(cache, file, partSize);
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
	/** The part that was read last, without its bytes: tensors are small beside a part. */
	#last: { index: number; part: Promise<StoredFile> } | null = null;

	constructor(file: RemoteFile, store: PartStore, tag: string) {
		this.name = file.path;
		this.size = file.size;
		this.#store = store;
		this.#tag = tag;
	}

	async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
		expectRange(this.name, this.size, start, end);
		const { partSize } = this.#store;
		const pieces: Uint8Array<ArrayBuffer>[] = [];
		for (let at = start; at < end;) {
			if (signal?.aborted === true) throw new Cancelled();
			const index = Math.floor(at / partSize);
			const until = Math.min(end, (index + 1) * partSize);
			pieces.push(await this.#readPart(index, at - index * partSize, until - index * partSize));
			at = until;
		}
		const [only, ...others] = pieces;
		if (only !== undefined && others.length === 0) return only;
		const bytes = joined(pieces);
		pieces.forEach(freeNow);
		return bytes;
	}

	async #readPart(index: number, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
		if (this.#last?.index !== index) this.#last = { index, part: this.#open(index) };
		try {
			const bytes = await (await this.#last.part).read(from, to);
			if (bytes.length === to - from) return bytes;
		} catch (cause) {
			// A failure is not kept: the next read tries again.
			this.#last = null;
			throw cause instanceof AppError ? cause : this.#missing(index, cause);
		}
		throw this.#missing(index, null);
	}

	async #open(index: number): Promise<StoredFile> {
		const part = await this.#store.open(index, this.#tag);
		if (part !== null) return part;
		throw this.#missing(index, null);
	}

	#missing(part: number, cause: unknown): StorageError {
		return new StorageError(`Part ${part + 1} of ${this.name} is no longer in the browser’s storage.`, {
			code: 'model-part-missing',
			hint: 'Load the model again: only the missing parts are downloaded.',
			context: { file: this.name, part },
			cause,
		});
	}
}
