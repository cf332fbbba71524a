/**
 * The Cache API with memory behind it: a file that the browser refuses to store stays in memory until the thread ends, and is found
 * there like any other. So a full disk, a private window or a browser without caches stops neither engine.
 */

/** The part of the Cache API that WebLLM 0.2.86 and the file cache use. */
export interface FileStore {
	match(request: RequestInfo | URL): Promise<Response | undefined>;
	put(request: RequestInfo | URL, response: Response): Promise<void>;
	add(request: RequestInfo | URL): Promise<void>;
	delete(request: RequestInfo | URL): Promise<boolean>;
	keys(): Promise<readonly Request[]>;
}

export interface FileStores {
	open(scope: string): Promise<FileStore>;
	/** Names of the caches. */
	keys(): Promise<readonly string[]>;
	/** Deletes a cache with all its files. */
	delete(scope: string): Promise<boolean>;
}

/** Called for each refusal, with the address of the file or null if no cache can be opened at all. */
export type OnRefused = (address: string | null, bytes: number, cause: unknown) => void;

interface Held {
	/** The browser may move a blob to its disk. */
	bytes: Blob;
	headers: Headers;
}

/** @param storage the browser's caches; undefined if it has none, as on plain http */
export class MemoryBackedCaches implements FileStores {
	readonly #storage: FileStores | undefined;
	readonly #onRefused: OnRefused;
	readonly #held = new Map<string, Map<string, Held>>();

	constructor(storage: FileStores | undefined, onRefused: OnRefused) {
		this.#storage = storage;
		this.#onRefused = onRefused;
	}

	async open(scope: string): Promise<FileStore> {
		const held = this.#held.get(scope) ?? new Map<string, Held>();
		this.#held.set(scope, held);
		return new MemoryBackedCache(await this.#openReal(scope), held, this.#onRefused);
	}

	async keys(): Promise<readonly string[]> {
		const stored = (await this.#storage?.keys().catch(() => [])) ?? [];
		const held = [...this.#held].filter(([, files]) => files.size > 0).map(([scope]) => scope);
		return [...new Set([...stored, ...held])];
	}

	async delete(scope: string): Promise<boolean> {
		// A cache that is open keeps its map.
		const held = this.#held.get(scope);
		const wasHeld = held !== undefined && held.size > 0;
		held?.clear();
		const wasStored = (await this.#storage?.delete(scope)) ?? false;
		return wasHeld || wasStored;
	}

	/** Bytes of the files in memory. */
	held(): number {
		const files = [...this.#held.values()].flatMap((scope) => [...scope.values()]);
		return files.reduce((sum, { bytes }) => sum + bytes.size, 0);
	}

	/** Tries again to store the files in memory, up to the first that the browser refuses. */
	async storeHeld(): Promise<void> {
		for (const [scope, files] of this.#held) {
			const real = files.size === 0 ? undefined : await this.#storage?.open(scope).catch(() => undefined);
			if (real === undefined) continue;
			for (const [address, { bytes, headers }] of files) {
				try {
					await real.put(address, new Response(bytes, { headers }));
				} catch {
					// The notice of the first refusal still holds.
					return;
				}
				files.delete(address);
			}
		}
	}

	/** Null without caches, or if the browser refuses to open one. */
	async #openReal(scope: string): Promise<FileStore | null> {
		if (this.#storage === undefined) return null;
		try {
			return await this.#storage.open(scope);
		} catch (cause) {
			this.#onRefused(null, 0, cause);
			return null;
		}
	}
}

/** One cache of {@link MemoryBackedCaches}. */
export class MemoryBackedCache implements FileStore {
	readonly #real: FileStore | null;
	readonly #held: Map<string, Held>;
	readonly #onRefused: OnRefused;

	constructor(real: FileStore | null, held: Map<string, Held>, onRefused: OnRefused) {
		this.#real = real;
		this.#held = held;
		this.#onRefused = onRefused;
	}

	async match(request: RequestInfo | URL): Promise<Response | undefined> {
		const held = this.#held.get(addressOf(request));
		if (held !== undefined) return new Response(held.bytes, { headers: held.headers });
		// A file that cannot be read is downloaded again.
		return this.#real?.match(request).catch(() => undefined);
	}

	async put(request: RequestInfo | URL, response: Response): Promise<void> {
		await this.keep(addressOf(request), await response.blob(), response.headers);
	}

	/** Like `put`, for bytes that are here already; the caller may overwrite them afterwards. */
	async keep(address: string, bytes: Blob | Uint8Array<ArrayBuffer>, headers: Headers): Promise<void> {
		const hold = (): Blob => {
			const blob = bytes instanceof Blob ? bytes : new Blob([bytes]);
			this.#held.set(address, { bytes: blob, headers });
			return blob;
		};
		if (this.#real === null) return void hold();
		try {
			await this.#real.put(address, new Response(bytes, { headers }));
			this.#held.delete(address);
		} catch (cause) {
			this.#onRefused(address, hold().size, cause);
		}
	}

	/**
	 * Stores a file that memory cannot stand in for.
	 *
	 * @throws the browser's refusal
	 */
	async store(address: string, response: Response): Promise<void> {
		if (this.#real === null) throw new DOMException('This page has no caches.', 'NotSupportedError');
		await this.#real.put(address, response);
		this.#held.delete(address);
	}

	/** Keeps a file in memory only, until `delete`. */
	hold(address: string, bytes: Blob): void {
		this.#held.set(address, { bytes, headers: new Headers() });
	}

	/** @throws TypeError like the Cache API, if the server answers with an error */
	async add(request: RequestInfo | URL): Promise<void> {
		const response = await fetch(request);
		if (!response.ok) throw new TypeError(`${addressOf(request)} answered ${response.status}.`);
		await this.put(request, response);
	}

	async delete(request: RequestInfo | URL): Promise<boolean> {
		const wasHeld = this.#held.delete(addressOf(request));
		const wasStored = (await this.#real?.delete(request).catch(() => false)) ?? false;
		return wasHeld || wasStored;
	}

	async keys(): Promise<readonly Request[]> {
		const stored = (await this.#real?.keys().catch(() => [])) ?? [];
		return [...stored, ...[...this.#held.keys()].map((address) => new Request(address))];
	}
}

function addressOf(request: RequestInfo | URL): string {
	return request instanceof Request ? request.url : String(request);
}
