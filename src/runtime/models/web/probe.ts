/** Asks a server for the size and version of a file, without loading it. */
import { type AppError, Cancelled, RemoteError } from '#core/errors.ts';
import { PATIENCE_MS } from '../download.ts';
import { stalled } from '../http/failures.ts';
import { discard, expectFile, send, type Fetch } from '../http/request.ts';
import { isPassing, waitOrThrow } from '../http/retries.ts';
import { Stall } from '../http/stall.ts';
import { versionOf } from '../transfer/answer.ts';

export interface ProbeOptions {
	fetch: Fetch;
	signal: AbortSignal;
	/** Waits before each further try, milliseconds. */
	waits?: readonly number[];
	/** Milliseconds without an answer after which a try counts as failed. */
	patience?: number;
}

export interface Probed {
	size: number;
	version?: string;
}

const WAITS: readonly number[] = [500, 2000];

/**
 * @returns null if there is no such file; a web page in its place is none
 * @throws RemoteError as `download`, and `model-size-unknown`; Cancelled
 */
export async function probe(address: string, options: ProbeOptions): Promise<Probed | null> {
	const waits = options.waits ?? WAITS;
	for (let tries = 0; ; tries++) {
		try {
			// Some servers know no HEAD, and signed addresses are signed for GET only.
			const head = await attempt(address, 'HEAD', options);
			return head === 'refused' ? await attempt(address, 'GET', options).then(expectAnswer) : head;
		} catch (error) {
			if (isMissing(error)) return null;
			if (!isPassing(error)) throw error;
			await waitOrThrow(error, waits[tries], options.signal);
		}
	}
}

async function attempt(
	address: string,
	method: 'HEAD' | 'GET',
	{ fetch, signal, patience = PATIENCE_MS }: ProbeOptions,
): Promise<Probed | null | 'refused'> {
	const stall = new Stall(signal, patience);
	try {
		const response = await send(fetch, address, {
			method,
			signal: stall.signal,
			cache: 'no-cache',
			credentials: 'omit',
			referrerPolicy: 'no-referrer',
		});
		discard(response);
		if (response.status === 404 || response.status === 410) return null;
		const isKnown = response.ok && response.headers.has('content-length');
		if (method === 'HEAD' && !isKnown) return 'refused';
		expectFile(address, response);
		return describe(address, response);
	} catch (error) {
		if (signal.aborted) throw new Cancelled();
		throw stall.signal.aborted ? stalled(address, 0) : error;
	} finally {
		stall.end();
	}
}

function describe(address: string, response: Response): Probed {
	const size = Number(response.headers.get('content-length') ?? Number.NaN);
	// A compressed answer's length is not the file's.
	if (!Number.isSafeInteger(size) || response.headers.has('content-encoding')) throw noSize(address);
	const version = versionOf(response);
	return version === null ? { size } : { size, version };
}

function expectAnswer(probed: Probed | null | 'refused'): Probed | null {
	return probed === 'refused' ? null : probed;
}

function isMissing(error: unknown): boolean {
	// Servers of single-page apps answer every unknown address with the page.
	return (error as Partial<AppError>).code === 'model-file-html';
}

function noSize(address: string): RemoteError {
	return new RemoteError(`${address} could not be loaded: the server does not say how large it is.`, {
		code: 'model-size-unknown',
		hint: 'Serve weights without compression, with a Content-Length; most static servers do.',
		context: { address },
	});
}
