/**
 * Downloads one file of any size so that nothing is loaded twice: each part is stored when it is full, and a try that broke off,
 * a pause or a reload continues with the next byte. The first request asks for the whole file, and later ones for the rest.
 *
 * Requests carry no header but Range in its simple form, because any other (If-Range, Authorization) makes browsers ask the server
 * for permission first, which fails after the redirect of a hub to its storage. So the version of the file is compared here.
 */
import { AppError, Cancelled } from '#core/errors.ts';
import { PATIENCE_MS } from '../download.ts';
import type { FileCache } from '../fileCache.ts';
import { brokeOff, stalled, tooLarge } from '../http/failures.ts';
import { discard, expectFile, expectNoPage, readBody, send, type Fetch } from '../http/request.ts';
import { isPassing, waitOrThrow } from '../http/retries.ts';
import { Stall } from '../http/stall.ts';
import { locked } from '../lock.ts';
import { startOf, versionOf } from './answer.ts';
import { Assembly } from './assembly.ts';
import { changed, memoryFull, missing, rangeRefused } from './failures.ts';
import type { RemoteFile } from './remoteFile.ts';

export interface TransferOptions {
	fetch: Fetch;
	cache: FileCache;
	/** Names an answer that is no success in the server's own terms, such as a gated model; null leaves it to the general words. */
	refusal?: (response: Response) => AppError | null;
	/** Waits before each further try without progress, milliseconds. */
	waits?: readonly number[];
	/** Milliseconds without any byte after which a try counts as failed. */
	patience?: number;
	/** Bytes of a part. */
	partSize?: number;
	/** Most bytes of model files in memory, if the browser does not store them. */
	mostHeld?: number;
}

export interface FileEvents {
	/** @param count bytes that arrived; negative if bytes were dropped */
	onBytes: (count: number) => void;
	/** @param count bytes that an earlier visit stored */
	onKept: (count: number) => void;
}

const WAITS: readonly number[] = [500, 2000, 5000, 10_000];
const MOST_HELD = 2 ** 30;

export class FileDownload {
	readonly #file: RemoteFile;
	readonly #options: TransferOptions;
	readonly #events: FileEvents;
	readonly #assembly: Assembly;
	#isDone = false;
	/** True after an answer with a wrong range: the next request asks for the whole file. */
	#isWhole = false;

	constructor(file: RemoteFile, options: TransferOptions, events: FileEvents) {
		this.#file = file;
		this.#options = options;
		this.#events = events;
		this.#assembly = new Assembly(file, options.cache, options.partSize);
	}

	/**
	 * Loads what is missing. After a failure or a stop, another call continues.
	 *
	 * @throws RemoteError `model-unreachable`, `model-refused`, `model-busy`, `model-cut-off`, `model-stalled`,
	 *   `model-file-missing`, `model-range-wrong`; FormatError `model-file-html`, `model-file-changed`, `shard-hash-mismatch`,
	 *   `shard-truncated`, `shard-size-mismatch`; StorageError `model-storage-full`; Cancelled
	 */
	async run(signal: AbortSignal): Promise<void> {
		if (this.#isDone) return;
		await locked(this.#file.address, signal, () => this.#load(signal));
		this.#isDone = true;
	}

	/** Drops the bytes of an unfinished file. Never while `run` is at work. */
	async drop(): Promise<void> {
		if (!this.#isDone && !(await this.#assembly.isComplete())) await this.#drop();
	}

	async #load(signal: AbortSignal): Promise<void> {
		const assembly = this.#assembly;
		if (assembly.position === 0 && (await assembly.isComplete())) {
			this.#events.onKept(this.#file.size);
			return;
		}
		await this.#options.cache.storeHeld();
		await assembly.takeKept(signal, this.#events.onKept);
		for (let restarts = 0; ; restarts++) {
			try {
				await this.#loadRest(signal);
				await assembly.complete();
				return;
			} catch (error) {
				if (!isOtherFile(error)) throw error;
				await this.#drop();
				if (restarts > 0) throw error;
			}
		}
	}

	async #loadRest(signal: AbortSignal): Promise<void> {
		const waits = this.#options.waits ?? WAITS;
		let tries = 0;
		while (!this.#assembly.isWhole) {
			const before = this.#assembly.storedParts;
			try {
				await this.#attempt(signal);
			} catch (error) {
				if (!isPassing(error) && !this.#canAskWhole(error)) throw error;
				if (this.#assembly.storedParts > before) tries = 0;
				await waitOrThrow(error, waits[tries++], signal);
			}
		}
	}

	/** A server that answers with a wrong range is asked for the whole file. */
	#canAskWhole(error: unknown): boolean {
		if (!(error instanceof AppError) || error.code !== 'model-range-wrong' || this.#isWhole) return false;
		this.#isWhole = true;
		return true;
	}

	async #attempt(signal: AbortSignal): Promise<void> {
		const { address } = this.#file;
		const from = this.#assembly.position;
		const stall = new Stall(signal, this.#options.patience ?? PATIENCE_MS);
		try {
			const response = await this.#ask(from, stall.signal);
			const start = await this.#expectRest(response, from);
			stall.moved();
			// A server that cannot continue sends the first bytes again.
			let skip = from - start;
			await readBody(address, response, async (chunk) => {
				stall.hold();
				const skipped = Math.min(skip, chunk.length);
				skip -= skipped;
				await this.#take(chunk.subarray(skipped));
				stall.moved();
			});
			if (this.#assembly.isWhole) return;
			this.#assembly.expectNoShortText(address);
			throw brokeOff(address, this.#assembly.position, null);
		} catch (error) {
			if (signal.aborted) throw new Cancelled();
			throw stall.signal.aborted ? stalled(address, this.#assembly.position) : error;
		} finally {
			stall.end();
		}
	}

	#ask(from: number, signal: AbortSignal): Promise<Response> {
		const headers = from > 0 && !this.#isWhole ? { range: `bytes=${from}-` } : {};
		return send(this.#options.fetch, this.#file.address, {
			headers,
			signal,
			// The parts have a cache of their own, and neither cookies nor the page's address are for the server of a model.
			cache: 'no-store',
			credentials: 'omit',
			referrerPolicy: 'no-referrer',
		});
	}

	/** @returns the index in the file of the answer's first byte */
	async #expectRest(response: Response, from: number): Promise<number> {
		const { path, address, size } = this.#file;
		try {
			if (response.status === 416) throw changed(path, address);
			const refusal = response.ok ? null : this.#options.refusal?.(response);
			if (refusal !== null && refusal !== undefined) throw refusal;
			if (response.status === 404 || response.status === 410) throw missing(path, address, response.status);
			expectFile(address, response);
			const start = startOf(response, from, size);
			if (start === null) throw rangeRefused(path, address, response.headers.get('content-range'));
			if (!(await this.#assembly.matches(versionOf(response)))) throw changed(path, address);
			return start;
		} catch (error) {
			discard(response);
			throw error;
		}
	}

	async #take(bytes: Uint8Array): Promise<void> {
		const { address, path, size } = this.#file;
		const { cache, mostHeld = MOST_HELD } = this.#options;
		if (bytes.length === 0) return;
		if (this.#assembly.position === 0) expectNoPage(address, bytes);
		if (this.#assembly.position + bytes.length > size) throw tooLarge(address, size, true);
		await this.#assembly.append(bytes);
		this.#events.onBytes(bytes.length);
		const held = cache.held();
		if (held > mostHeld) throw memoryFull(path, held);
	}

	async #drop(): Promise<void> {
		const { position } = this.#assembly;
		await this.#assembly.drop();
		if (position > 0) this.#events.onBytes(-position);
	}
}

/** True if the bytes are not those of the file that was asked for, so that they are of no use. */
function isOtherFile(error: unknown): boolean {
	if (!(error instanceof AppError)) return false;
	return error.code.startsWith('shard-') || error.code === 'model-file-changed';
}
