import type { FileStore, FileStores } from '#runtime/models/memoryCaches.ts';

/** A browser's caches in memory, whose calls can be made to fail. */
export class Caches implements FileStores {
	readonly files = new Map<string, Response>();
	/** Number of files that there is room for. */
	room = Infinity;
	fail: Partial<Record<keyof FileStore | 'open', string>> = {};

	open(): Promise<FileStore> {
		this.#check('open');
		const urlOf = (request: RequestInfo | URL): string =>
			request instanceof Request ? request.url : String(request);
		const call =
			<T>(name: keyof FileStore, work: (url: string, response: Response) => T | Promise<T>) =>
			async (request: RequestInfo | URL = '', response = new Response()): Promise<T> => {
				await Promise.resolve();
				this.#check(name);
				return work(urlOf(request), response);
			};
		return Promise.resolve({
			match: call('match', (url) => this.files.get(url)?.clone()),
			put: call('put', async (url, response) => {
				if (this.files.size >= this.room) throw new DOMException('full', 'QuotaExceededError');
				// Like a browser, it copies each chunk before it asks for the next.
				const chunks: Uint8Array<ArrayBuffer>[] = [];
				for await (const chunk of response.body ?? []) chunks.push(chunk.slice());
				this.files.set(url, new Response(new Blob(chunks), { headers: response.headers }));
			}),
			add: call('add', () => undefined),
			delete: call('delete', (url) => this.files.delete(url)),
			keys: call('keys', () => [...this.files.keys()].map((url) => new Request(url))),
		});
	}
	keys(): Promise<readonly string[]> {
		return Promise.resolve([]);
	}

	delete(): Promise<boolean> {
		return Promise.resolve(false);
	}

	#check(name: keyof FileStore | 'open'): void {
		const failure = this.fail[name];
		if (failure !== undefined) throw new DOMException('no', failure);
	}
}
