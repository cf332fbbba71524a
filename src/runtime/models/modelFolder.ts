/**
 * Reads a model's folder through the cache. A cached file is used if it matches the manifest; otherwise the
 * file is downloaded, checked and cached. Both engines read models only through this class.
 */
import { mapWithConcurrency } from '#core/concurrency.ts';
import { Cancelled, FormatError, RemoteError, StorageError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { Progress } from '#core/ports.ts';
import { download, type Fetch } from './download.ts';
import { isKept, keptFileMissing } from './kept/address.ts';
import { locked } from './lock.ts';
import {
	openFileCache,
	scopeOf,
	webLlmFolder,
	type CachedFile,
	type FileCache,
	type StoredFile,
} from './fileCache.ts';
import {
	expectationsOf,
	expectedOfShard,
	MANIFEST,
	parseJson,
	readManifest,
	readTensorCache,
	TENSOR_CACHE,
	UNKNOWN,
	type Expected,
	type Manifest,
	type TensorCache,
} from './manifest.ts';
import { isDamage, verify } from './verify.ts';

export interface FolderOptions {
	onProgress: (progress: Progress) => void;
	signal: AbortSignal;
	/** True rejects if there is no space to cache the files; by default the files are used without caching. */
	mustKeep?: boolean;
	fetch?: Fetch;
	cache?: FileCache;
	/** Waits before further tries of a download; see `DownloadOptions`. */
	waits?: readonly number[];
}

/** A file of the folder, whose bytes are read range by range. */
export type FolderFile = Pick<StoredFile, 'size' | 'read'>;

/** Parallel downloads, as in WebLLM: no burden for servers, and enough to saturate a connection. */
const PARALLEL = 4;

export class ModelFolder {
	readonly #address: string;
	readonly #keyFolder: string;
	readonly #library: string | null;
	/** Title of a model whose files are in the cache and nowhere else; null for others. */
	readonly #keptTitle: string | null;
	readonly #options: FolderOptions;
	readonly #fetch: Fetch;
	readonly #cache: FileCache;
	readonly #waits: Pick<FolderOptions, 'waits'>;
	readonly #expected = new Map<string, Expected>();
	#total = 0;
	#done = 0;

	/** @param source its `url` must be absolute: a worker does not know the page's address */
	constructor(source: ModelSource, options: FolderOptions) {
		this.#address = new URL(source.url).href;
		this.#keyFolder = webLlmFolder(this.#address);
		this.#library = source.library?.place === 'folder' ? source.library.file : null;
		this.#options = options;
		this.#keptTitle = isKept(source) ? source.title : null;
		this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
		this.#cache = options.cache ?? openFileCache();
		this.#waits = options.waits === undefined ? {} : { waits: options.waits };
	}

	/** Reads the manifest and the tensor cache, which give all sizes. */
	async open(): Promise<TensorCache> {
		for (const [name, expected] of expectationsOf(await this.#readManifest())) {
			this.#expected.set(name, expected);
		}
		const tensorCache = readTensorCache(await this.json(TENSOR_CACHE), this.#addressOf(TENSOR_CACHE));
		for (const shard of tensorCache.records) {
			if (!this.#expected.has(shard.dataPath)) this.#expected.set(shard.dataPath, expectedOfShard(shard));
		}
		return tensorCache;
	}

	/** Sets the total of the progress; only files read from now on count. */
	plan(names: readonly string[]): void {
		this.#done = 0;
		this.#total = names.reduce((sum, name) => sum + (this.#expected.get(name)?.bytes ?? 0), 0);
	}

	async json(name: string): Promise<unknown> {
		return parseJson(await this.bytes(name), this.#addressOf(name));
	}

	/** @throws like {@link ModelFolder.file} */
	async bytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
		const file = await this.file(name);
		return file.read(0, file.size);
	}

	/** @throws like `download`; RemoteError `model-file-missing` if the folder lacks the file */
	async file(name: string): Promise<FolderFile> {
		const address = this.#addressOf(name);
		const file = await locked(address, this.#options.signal, () => this.#load(name, address));
		if (file !== null) return file;
		throw new RemoteError(`The model’s folder has no ${name}: ${address} answered 404.`, {
			code: 'model-file-missing',
			hint: 'Check the model’s address; the folder must hold WebLLM’s files.',
			context: { file: name, address },
		});
	}

	/**
	 * Loads several files, a few at a time, and passes each to `use` when it is here. Files of the cache alone come one by one.
	 *
	 * @throws the first failure, after which no further file starts; Cancelled
	 */
	async each(
		names: readonly string[],
		use: (name: string, file: FolderFile) => Promise<void> = () => Promise.resolve(),
	): Promise<void> {
		const { signal } = this.#options;
		const load = async (name: string): Promise<void> => use(name, await this.file(name));
		const parallel = this.#keptTitle === null ? PARALLEL : 1;
		const results = await mapWithConcurrency(names, parallel, load, signal, { stopWhen: () => true });
		for (const result of results) if (result.state === 'failed') throw result.error;
		if (signal.aborted) throw new Cancelled();
	}

	#addressOf(name: string): string {
		return new URL(name === this.#library ? this.#library : name, this.#address).href;
	}

	/** Cache key of the file in WebLLM. The key of its library is the address itself. */
	#keyOf(name: string): string {
		return name === this.#library ? this.#addressOf(name) : new URL(name, this.#keyFolder).href;
	}

	async #load(name: string, address: string): Promise<FolderFile | null> {
		const expected = this.#expected.get(name) ?? UNKNOWN;
		const kept = await this.#fromCache(name, address, expected);
		if (kept !== null) {
			this.#progress(kept.size);
			return kept;
		}
		if (this.#keptTitle !== null) throw keptFileMissing(this.#keptTitle, name);
		const bytes = await download(address, {
			fetch: this.#fetch,
			signal: this.#options.signal,
			expected,
			onBytes: (count) => this.#progress(count),
			...this.#waits,
		});
		if (bytes === null) return null;
		await this.#keep(name, bytes, expected);
		return inMemory(bytes);
	}

	/** The cached file if it is valid; removes a damaged or outdated one and returns null. */
	async #fromCache(name: string, address: string, expected: Expected): Promise<FolderFile | null> {
		const scope = scopeOf(name);
		const kept = await this.#cache.open(scope, this.#keyOf(name));
		if (kept === null) return null;
		// A file whose digest was verified when it was written is not read here.
		if (expected.digest !== null && kept.digest === expected.digest.hex && kept.size === expected.bytes)
			return kept;
		const bytes = await kept.read(0, kept.size).catch(() => null);
		if (bytes === null) return null;
		try {
			await verify(address, bytes, expected);
			return inMemory(bytes);
		} catch (error) {
			if (!isDamage(error)) throw error;
			await this.#cache.remove(scope, this.#keyOf(name));
			return null;
		}
	}

	async #keep(name: string, bytes: Uint8Array<ArrayBuffer>, expected: Expected): Promise<void> {
		const file = { bytes, digest: expected.digest?.hex ?? '' };
		try {
			await this.#cache.write(scopeOf(name), this.#keyOf(name), file);
		} catch (error) {
			// Without space the file is used uncached and downloaded again in the next visit.
			if (!(error instanceof StorageError) || this.#options.mustKeep === true) throw error;
		}
	}

	/** The server's current manifest; the cached one if the server is unreachable. */
	async #readManifest(): Promise<Manifest | null> {
		const address = this.#addressOf(MANIFEST);
		const scope = scopeOf(MANIFEST);
		const kept = await this.#cache.read(scope, this.#keyOf(MANIFEST));
		if (this.#keptTitle !== null) return this.#keptManifest(this.#keptTitle, kept);
		const bytes = await this.#freshManifest(address, kept !== null).catch((error: unknown) => {
			if (kept === null || !(error instanceof RemoteError)) throw error;
			return kept.bytes;
		});
		if (bytes === null) return null;
		const manifest = readManifest(bytes, address);
		await this.#keep(MANIFEST, bytes, UNKNOWN);
		return manifest;
	}

	#keptManifest(title: string, kept: CachedFile | null): Manifest {
		if (kept === null) throw keptFileMissing(title, MANIFEST);
		return readManifest(kept.bytes, this.#addressOf(MANIFEST));
	}

	/** @param hasCached true asks only once, because the cached manifest will do */
	async #freshManifest(address: string, hasCached: boolean): Promise<Uint8Array<ArrayBuffer> | null> {
		try {
			const { signal } = this.#options;
			return await download(address, {
				fetch: this.#fetch,
				signal,
				expected: UNKNOWN,
				onBytes: () => undefined,
				...(hasCached ? { waits: [] } : this.#waits),
			});
		} catch (error) {
			// Published folders have no manifest, and a server of single-page apps answers with its page.
			if (error instanceof FormatError && error.code === 'model-file-html') return null;
			throw error;
		}
	}

	#progress(count: number): void {
		this.#done += count;
		this.#options.onProgress({ phase: 'Loading the model’s files', done: this.#done, total: this.#total });
	}
}

function inMemory(bytes: Uint8Array<ArrayBuffer>): FolderFile {
	return { size: bytes.length, read: (start, end) => Promise.resolve(bytes.slice(start, end)) };
}
