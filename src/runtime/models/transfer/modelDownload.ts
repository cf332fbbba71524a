/** Downloads the files of one model, a few at a time, with one progress, and can be paused, resumed and cancelled as a whole. */
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import { TransferRate, type TransferProgress } from '#core/checkpoint/transferRate.ts';
import { mapWithConcurrency } from '#core/concurrency.ts';
import { AppError, Cancelled, StorageError } from '#core/errors.ts';
import { openFileCache } from '../fileCache.ts';
import { cachedSource } from './cachedSource.ts';
import { FileDownload, type TransferOptions } from './fileDownload.ts';
import { openParts } from './partStore.ts';
import type { RemoteFile } from './remoteFile.ts';
import { expectSpace, type Estimate } from './space.ts';

export interface ModelDownloadOptions extends Partial<TransferOptions> {
	/** For messages: `owner/name`. */
	title: string;
	/** Stops the download and keeps its parts, such as when the page's model changes. */
	signal: AbortSignal;
	/** At most ten times a second, and at the end. */
	onProgress: (progress: TransferProgress) => void;
	onState?: (state: DownloadState) => void;
	/** Bytes that the model needs beside its files, such as those of its conversion. */
	extraBytes?: number;
	/** Files at a time. */
	parallel?: number;
	/** Milliseconds on a clock that does not go back. */
	now?: () => number;
	/** The browser's estimate of its room. */
	estimate?: Estimate;
}

export type DownloadState = 'ready' | 'running' | 'paused' | 'failed' | 'cancelled' | 'done';

const PARALLEL = 3;
const PROGRESS_MS = 100;

export class ModelDownload {
	readonly #files: readonly RemoteFile[];
	readonly #options: ModelDownloadOptions;
	readonly #transfer: TransferOptions;
	readonly #downloads: readonly FileDownload[];
	readonly #now: () => number;
	#rate: TransferRate;
	#reported = -Infinity;
	#state: DownloadState = 'ready';
	/** Ends the current run; a new one for each run. */
	#stop = new AbortController();
	/** Resolves when no request of the current run is open. */
	#ended: Promise<void> = Promise.resolve();
	/** Ends the wait of a pause. */
	#wake: () => void = () => undefined;

	/** @param files with sizes; small files first, so that a wrong model is noticed early */
	constructor(files: readonly RemoteFile[], options: ModelDownloadOptions) {
		this.#files = files;
		this.#options = options;
		this.#now = options.now ?? (() => performance.now());
		this.#transfer = {
			...options,
			fetch: options.fetch ?? ((input, init) => fetch(input, init)),
			cache: options.cache ?? openFileCache(),
		};
		this.#rate = new TransferRate(this.bytes, 0, this.#now());
		const events = {
			onBytes: (count: number) => this.#report(() => this.#rate.add(count, this.#now())),
			onKept: (count: number) => this.#report(() => this.#rate.keep(count)),
		};
		this.#downloads = files.map((file) => new FileDownload(file, this.#transfer, events));
	}

	get state(): DownloadState {
		return this.#state;
	}

	/** Bytes of all files. */
	get bytes(): number {
		return this.#files.reduce((sum, { size }) => sum + size, 0);
	}

	/**
	 * Loads what is missing. It stays pending during a pause; after a failure or a stop, another call continues.
	 *
	 * @returns the files' bytes by path
	 * @throws StorageError `model-no-room` before the first byte; like `FileDownload.run`; Cancelled
	 */
	async start(): Promise<ReadonlyMap<string, ByteSource>> {
		if (this.#state === 'running' || this.#state === 'paused') throw isRunning();
		try {
			this.#set('running');
			await expectSpace((await this.#missingBytes()) + (this.#options.extraBytes ?? 0), ...this.#space());
			await this.#runToEnd();
			const sources = await this.#sources();
			this.#set('done');
			this.#report(() => undefined, true);
			return sources;
		} catch (error) {
			this.#set(error instanceof Cancelled ? 'cancelled' : 'failed');
			throw error;
		}
	}

	/** Ends the requests and keeps all bytes. */
	pause(): void {
		if (this.#state !== 'running') return;
		this.#set('paused');
		this.#stop.abort();
	}

	/** Continues with the next byte. */
	resume(): void {
		if (this.#state !== 'paused') return;
		this.#set('running');
		this.#wake();
	}

	/** Ends the download and deletes the parts of the files that are not finished. `start` rejects with Cancelled. */
	async cancel(): Promise<void> {
		if (this.#state === 'done') return;
		const ended = this.#ended;
		this.#set('cancelled');
		this.#stop.abort();
		this.#wake();
		await ended;
		for (const download of this.#downloads) await download.drop();
	}

	async #runToEnd(): Promise<void> {
		for (;;) {
			this.#expectWanted();
			this.#stop = new AbortController();
			const run = this.#run(AbortSignal.any([this.#stop.signal, this.#options.signal]));
			this.#ended = run.then(
				() => undefined,
				() => undefined,
			);
			const isWhole = await run.catch((error: unknown) => {
				// A pause and its end may both happen before the run has ended.
				if (error instanceof Cancelled && this.#stop.signal.aborted) return false;
				throw error;
			});
			this.#expectWanted();
			if (isWhole) return;
			await this.#whilePaused();
			// Neither the pause nor the bytes before it belong to the rate of the next run.
			const { done } = this.#rate.progress(this.#now());
			this.#rate = new TransferRate(this.bytes, done, this.#now());
		}
	}

	/** @throws the first failure; Cancelled if the signal fired before all files were there */
	async #run(signal: AbortSignal): Promise<true> {
		const failure = new AbortController();
		const load = (download: FileDownload): Promise<void> =>
			download.run(AbortSignal.any([signal, failure.signal])).catch((error: unknown) => {
				if (!(error instanceof Cancelled)) failure.abort(error);
				throw error;
			});
		const { parallel = PARALLEL } = this.#options;
		const results = await mapWithConcurrency(this.#downloads, parallel, load, signal, {
			stopWhen: () => true,
		});
		for (const result of results) if (result.state === 'failed') throw result.error;
		if (results.some(({ state }) => state !== 'done')) throw new Cancelled();
		return true;
	}

	#expectWanted(): void {
		if (this.#options.signal.aborted || this.#state === 'cancelled') throw new Cancelled();
	}

	async #whilePaused(): Promise<void> {
		const { signal } = this.#options;
		await new Promise<void>((resolve) => {
			this.#wake = resolve;
			signal.addEventListener('abort', () => resolve(), { once: true });
			if (this.#state !== 'paused') resolve();
		});
		this.#wake = () => undefined;
	}

	#space(): [what: string, estimate?: Estimate] {
		const { title, estimate } = this.#options;
		return estimate === undefined ? [title] : [title, estimate];
	}

	async #missingBytes(): Promise<number> {
		const { cache, partSize } = this.#transfer;
		let bytes = 0;
		for (const file of this.#files) {
			const parts = await openParts(cache, file, partSize);
			bytes += file.size - Math.min(file.size, (await parts.keptParts()) * parts.partSize);
		}
		return bytes;
	}

	async #sources(): Promise<ReadonlyMap<string, ByteSource>> {
		const { cache, partSize } = this.#transfer;
		const sources = new Map<string, ByteSource>();
		for (const file of this.#files) {
			const source = await cachedSource(cache, file, partSize);
			if (source === null) throw lost(file.path);
			sources.set(file.path, source);
		}
		return sources;
	}

	#set(state: DownloadState): void {
		if (this.#state === state) return;
		this.#state = state;
		this.#options.onState?.(state);
	}

	#report(change: () => void, isLast = false): void {
		change();
		const now = this.#now();
		if (!isLast && now - this.#reported < PROGRESS_MS) return;
		this.#reported = now;
		this.#options.onProgress(this.#rate.progress(now));
	}
}

function isRunning(): AppError {
	return new AppError('This download is running already.', {
		code: 'model-download-running',
		hint: 'Wait for it, or cancel it first.',
	});
}

function lost(path: string): StorageError {
	return new StorageError(`${path} was loaded, but the browser no longer has it.`, {
		code: 'model-part-missing',
		hint: 'Another tab deleted the model’s files, or the browser needed the space. Load the model again.',
		context: { file: path },
	});
}
