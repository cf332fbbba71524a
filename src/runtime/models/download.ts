/**
 * Downloads one file and checks it before it is used. A download that breaks off, stalls or arrives damaged is
 * tried again; the last failure is named.
 */
import { AppError, Cancelled, FormatError, RemoteError } from '#core/errors.ts';
import { foreignFile } from '#core/format/foreignFile.ts';
import { joined } from '#core/format/joined.ts';
import { waitFor } from '../wait.ts';
import type { Expected } from './manifest.ts';
import { fileOf, verify } from './verify.ts';

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export interface DownloadOptions {
	fetch: Fetch;
	signal: AbortSignal;
	/** @param count bytes that arrived since the last call; negative if a try was given up */
	onBytes: (count: number) => void;
	expected: Expected;
	/** Waits before each further try, milliseconds; their number is the number of tries after the first. */
	waits?: readonly number[];
	/** Milliseconds without any byte after which a try counts as failed. */
	patience?: number;
}

const WAITS: readonly number[] = [500, 2000];
const PATIENCE_MS = 60_000;
/** Largest file whose size is not known beforehand: a tokenizer has a few MB. */
const MOST_BYTES = 2 ** 28;

/** Statuses that may be others at the next request. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const RETRIED: ReadonlySet<string> = new Set([
	'model-unreachable',
	'model-cut-off',
	'model-stalled',
	'model-busy',
]);

/**
 * @returns the file's bytes, or null if the server answers 404 or 410
 * @throws RemoteError `model-unreachable`, `model-refused`, `model-busy`, `model-cut-off`, `model-stalled`;
 *   FormatError `model-file-html`, `model-file-large`, and those of `verify`; Cancelled
 */
export async function download(
	address: string,
	options: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer> | null> {
	const waits = options.waits ?? WAITS;
	for (let tries = 0; ; tries++) {
		try {
			return await attempt(address, options);
		} catch (error) {
			const wait = waits[tries];
			if (wait === undefined || !canPass(error)) throw error;
			await waitFor(wait, options.signal);
		}
	}
}

function canPass(error: unknown): boolean {
	return error instanceof AppError && (RETRIED.has(error.code) || error.code.startsWith('shard-'));
}

async function attempt(address: string, options: DownloadOptions): Promise<Uint8Array<ArrayBuffer> | null> {
	let total = 0;
	const stall = new Stall(options.signal, options.patience ?? PATIENCE_MS);
	try {
		const response = await open(address, { ...options, signal: stall.signal });
		if (response === null) return null;
		stall.moved();
		const parts = await readAll(address, response, options.expected, (count) => {
			total += count;
			stall.moved();
			options.onBytes(count);
		});
		const bytes = joined(parts);
		await verify(address, bytes, options.expected);
		return bytes;
	} catch (error) {
		options.onBytes(-total);
		if (options.signal.aborted) throw new Cancelled();
		throw stall.signal.aborted ? stalled(address, total) : error;
	} finally {
		stall.end();
	}
}

/** Fires with the outer signal, and if nothing moves for a while. */
class Stall {
	readonly #controller = new AbortController();
	readonly #outer: AbortSignal;
	readonly #patience: number;
	readonly #stop = (): void => this.#controller.abort();
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(outer: AbortSignal, patience: number) {
		this.#outer = outer;
		this.#patience = patience;
		outer.addEventListener('abort', this.#stop, { once: true });
		if (outer.aborted) this.#stop();
		this.moved();
	}

	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	moved(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(this.#stop, this.#patience);
	}

	end(): void {
		clearTimeout(this.#timer);
		this.#outer.removeEventListener('abort', this.#stop);
	}
}

function stalled(address: string, bytes: number): RemoteError {
	return new RemoteError(`${address} stopped sending after ${bytes} bytes.`, {
		code: 'model-stalled',
		hint: 'Check the connection and load the model again; complete files are kept.',
		context: { address, bytes },
	});
}

async function open(address: string, { fetch, signal }: DownloadOptions): Promise<Response | null> {
	let response: Response;
	try {
		// Our own cache checks freshness; the browser's HTTP cache could return the model of an older build.
		response = await fetch(address, { signal, cache: 'no-cache' });
	} catch (cause) {
		throw new RemoteError(`${address} could not be loaded: nothing answered.`, {
			code: 'model-unreachable',
			hint: 'Check the connection and load the model again; complete files are kept.',
			context: { address },
			cause,
		});
	}
	if (response.status === 404 || response.status === 410) return null;
	if (!response.ok) throw refused(address, response.status);
	// Servers of single-page apps answer every unknown address with the page, and others with a login page.
	if (/\bx?html\b/i.test(response.headers.get('content-type') ?? '')) {
		void response.body?.cancel().catch(() => undefined);
		throw webPage(address);
	}
	return response;
}

function refused(address: string, status: number): RemoteError {
	const busy = PASSING.has(status);
	return new RemoteError(`${address} could not be loaded: the server answered ${status}.`, {
		code: busy ? 'model-busy' : 'model-refused',
		hint: busy
			? 'Wait a moment, then load the model again; complete files are kept.'
			: 'Check that the address may be read without a login, then load the model again.',
		context: { address, status },
	});
}

function webPage(address: string): FormatError {
	return new FormatError(`${address} is a web page, not a model file.`, {
		code: 'model-file-html',
		hint: 'Correct the model’s address: it should be the folder that holds mlc-chat-config.json, readable without a login.',
		context: { address },
	});
}

/** @throws as soon as more bytes arrive than the file may have, so that an endless answer fills no memory */
async function readAll(
	address: string,
	response: Response,
	expected: Expected,
	onBytes: (count: number) => void,
): Promise<Uint8Array[]> {
	const parts: Uint8Array[] = [];
	const reader = response.body?.getReader();
	let total = 0;
	try {
		for (;;) {
			const value = (await reader?.read())?.value;
			if (value === undefined) return parts;
			parts.push(value);
			total += value.length;
			onBytes(value.length);
			expectPart(address, value, total, expected);
		}
	} catch (cause) {
		void reader?.cancel().catch(() => undefined);
		if (cause instanceof AppError) throw cause;
		throw new RemoteError(`${address} broke off after ${total} bytes.`, {
			code: 'model-cut-off',
			hint: 'Load the model again; complete files are kept.',
			context: { address, bytes: total },
			cause,
		});
	}
}

/** @param total bytes so far, this part included */
function expectPart(address: string, part: Uint8Array, total: number, expected: Expected): void {
	// A page may come under any content type.
	if (total === part.length && foreignFile(part)?.name === 'a web page') throw webPage(address);
	const most = expected.bytes ?? MOST_BYTES;
	if (total > most) throw tooLarge(address, most, expected.bytes !== null);
}

function tooLarge(address: string, most: number, isExpected: boolean): FormatError {
	const file = fileOf(address);
	const wanted = isExpected ? `${most} that it should have` : `${most}, more than such a file has`;
	return new FormatError(`${file} has more than the ${wanted}: it is another file.`, {
		code: isExpected ? 'shard-size-mismatch' : 'model-file-large',
		hint: 'Load the model again. If it happens again, the copy on the server is damaged.',
		context: { file, address, most },
	});
}
