/**
 * Downloads one file and checks it before it is used. A download that breaks off, stalls or arrives damaged is
 * tried again; the last failure is named.
 */
import { AppError, Cancelled } from '#core/errors.ts';
import { joined } from '#core/format/joined.ts';
import { stalled, tooLarge } from './http/failures.ts';
import { discard, expectFile, expectNoPage, readBody, send, type Fetch } from './http/request.ts';
import { isPassing, waitOrThrow } from './http/retries.ts';
import { Stall } from './http/stall.ts';
import type { Expected } from './manifest.ts';
import { verify } from './verify.ts';

export type { Fetch } from './http/request.ts';

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
export const PATIENCE_MS = 60_000;
/** Largest file whose size is not known beforehand: a tokenizer has a few MB. */
const MOST_BYTES = 2 ** 28;

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
			if (!canPass(error)) throw error;
			await waitOrThrow(error, waits[tries], options.signal);
		}
	}
}

function canPass(error: unknown): boolean {
	return isPassing(error) || (error instanceof AppError && error.code.startsWith('shard-'));
}

async function attempt(address: string, options: DownloadOptions): Promise<Uint8Array<ArrayBuffer> | null> {
	let total = 0;
	const stall = new Stall(options.signal, options.patience ?? PATIENCE_MS);
	try {
		// Our own cache checks freshness; the browser's HTTP cache could return the model of an older build.
		const response = await send(options.fetch, address, { signal: stall.signal, cache: 'no-cache' });
		if (response.status === 404 || response.status === 410) {
			discard(response);
			return null;
		}
		expectFile(address, response);
		stall.moved();
		const parts: Uint8Array[] = [];
		await readBody(address, response, (part) => {
			parts.push(part.slice());
			total += part.length;
			stall.moved();
			options.onBytes(part.length);
			expectPart(address, part, total, options.expected);
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

/**
 * Refuses as soon as more bytes arrive than the file may have, so that an endless answer fills no memory.
 *
 * @param total bytes so far, this part included
 */
function expectPart(address: string, part: Uint8Array, total: number, expected: Expected): void {
	if (total === part.length) expectNoPage(address, part);
	const most = expected.bytes ?? MOST_BYTES;
	if (total > most) throw tooLarge(address, most, expected.bytes !== null);
}
