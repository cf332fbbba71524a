/** Downloads a run file from a server that the user agreed to ask. */
import { Cancelled, FormatError, RemoteError } from '#core/errors.ts';
import { byteSize } from '#core/format/byteSize.ts';
import { joined } from '#core/format/joined.ts';
import type { FetchedRunFile, RunFileProgress } from '#core/run/fileAddress.ts';
import { RUN_FILE_LIMITS } from '#core/run/runFile.ts';

type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** Neither cookies nor the page's address are sent; a copy in the browser's cache is checked with the server. */
const REQUEST = { credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-cache' } as const;

/**
 * If the server leads on to another origin, nothing of the file is read: the caller asks about that origin first.
 *
 * @throws RemoteError `run-file-unreachable` · `run-file-not-shared` · `run-file-refused` · `run-file-cut-off`;
 *   FormatError `run-file-too-large`; Cancelled
 */
export async function fetchLinkedRunFile(
	address: string,
	signal: AbortSignal,
	onProgress: (progress: RunFileProgress) => void,
	fetch: Fetch = globalThis.fetch.bind(globalThis),
): Promise<FetchedRunFile> {
	const response = await send(fetch, address, signal);
	const origin = originOf(address);
	const finalOrigin = response.url === '' ? origin : originOf(response.url);
	if (finalOrigin !== origin) {
		discard(response);
		return { movedTo: response.url };
	}
	if (!response.ok) {
		discard(response);
		throw refused(origin, response.status);
	}
	const total = sizeOf(response);
	if (total !== null && total > RUN_FILE_LIMITS.packed) {
		discard(response);
		throw tooLarge(address, total);
	}
	return { bytes: await bytesOf(response, { address, total, signal }, onProgress) };
}

async function send(fetch: Fetch, address: string, signal: AbortSignal): Promise<Response> {
	try {
		return await fetch(address, { ...REQUEST, signal });
	} catch (cause) {
		if (signal.aborted) throw new Cancelled();
		throw (await answers(fetch, address, signal)) ? notShared(address, cause) : unreachable(address, cause);
	}
}

/** True if the server answers at all: without `no-cors`, a refusal to share looks like a server that is off. */
async function answers(fetch: Fetch, address: string, signal: AbortSignal): Promise<boolean> {
	try {
		await fetch(address, { ...REQUEST, signal, method: 'HEAD', mode: 'no-cors' });
		return true;
	} catch {
		if (signal.aborted) throw new Cancelled();
		return false;
	}
}

interface Transfer {
	address: string;
	total: number | null;
	signal: AbortSignal;
}

async function bytesOf(
	response: Response,
	{ address, total, signal }: Transfer,
	onProgress: (progress: RunFileProgress) => void,
): Promise<Uint8Array<ArrayBuffer>> {
	const chunks: Uint8Array[] = [];
	const reader = response.body?.getReader();
	let done = 0;
	onProgress({ done, total });
	try {
		for (;;) {
			const chunk = (await reader?.read())?.value;
			if (chunk === undefined) break;
			chunks.push(chunk);
			done += chunk.length;
			if (done > RUN_FILE_LIMITS.packed) throw tooLarge(address, null);
			onProgress({ done, total: knownSize(total, done) });
		}
	} catch (cause) {
		void reader?.cancel().catch(() => undefined);
		if (signal.aborted) throw new Cancelled();
		if (cause instanceof FormatError) throw cause;
		throw cutOff(address, done, cause);
	}
	return joined(chunks);
}

/** A server that packs the answer tells its packed size, which the bytes here exceed. */
const knownSize = (total: number | null, done: number): number | null =>
	total === null || done > total ? null : total;

function sizeOf(response: Response): number | null {
	const size = Number(response.headers.get('content-length') ?? '');
	return Number.isSafeInteger(size) && size > 0 ? size : null;
}

const originOf = (address: string): string => new URL(address).origin;

/** Closes an answer that nobody reads. */
function discard(response: Response): void {
	void response.body?.cancel().catch(() => undefined);
}

function unreachable(address: string, cause: unknown): RemoteError {
	return new RemoteError(`${originOf(address)} does not answer.`, {
		code: 'run-file-unreachable',
		hint: 'Check the address and the connection, then try again.',
		context: { address },
		cause,
	});
}

function notShared(address: string, cause: unknown): RemoteError {
	return new RemoteError(
		`${originOf(address)} answers, but does not let other pages read its files (CORS).`,
		{
			code: 'run-file-not-shared',
			hint: 'Ask its owner to send the header Access-Control-Allow-Origin, also on redirects; or download the file yourself and open it on the Shelf.',
			context: { address },
			cause,
		},
	);
}

function refused(origin: string, status: number): RemoteError {
	const missing = status === 404 || status === 410;
	return new RemoteError(
		missing
			? `${origin} has no file at this address: it answered ${status}.`
			: `${origin} did not send the file: it answered ${status}.`,
		{
			code: 'run-file-refused',
			hint: missing
				? 'Ask for the link again: the file may have been moved or deleted.'
				: 'Try again later, or ask for the file itself and open it on the Shelf. A page cannot log in for you.',
			context: { origin, status },
		},
	);
}

function cutOff(address: string, bytes: number, cause: unknown): RemoteError {
	return new RemoteError(`The download from ${originOf(address)} broke off after ${byteSize(bytes)}.`, {
		code: 'run-file-cut-off',
		hint: 'Try again.',
		context: { address, bytes },
		cause,
	});
}

function tooLarge(address: string, size: number | null): FormatError {
	const { packed } = RUN_FILE_LIMITS;
	const has = size === null ? `more than ${byteSize(packed)}` : byteSize(size);
	return new FormatError(
		`The file at ${originOf(address)} has ${has}, and a run file has at most ${byteSize(packed)}.`,
		{ code: 'run-file-too-large', hint: 'Ask for a file that was exported as a run.', context: { address } },
	);
}
