/** One request to a hub's API, tried again if the hub is busy or the connection breaks off. */
import { type AppError, Cancelled, FormatError } from '#core/errors.ts';
import { joined } from '#core/format/joined.ts';
import { PATIENCE_MS } from '../download.ts';
import { stalled, tooLarge } from '../http/failures.ts';
import { discard, expectFile, readBody, send, type Fetch } from '../http/request.ts';
import { isPassing, waitOrThrow } from '../http/retries.ts';
import { Stall } from '../http/stall.ts';

export interface AskOptions {
	fetch: Fetch;
	signal: AbortSignal;
	/** Waits before each further try, milliseconds. */
	waits?: readonly number[];
	/** Milliseconds without any byte after which a try counts as failed. */
	patience?: number;
}

export interface HubAnswer {
	json: unknown;
	headers: Headers;
}

const WAITS: readonly number[] = [500, 2000];
/** A page of a thousand files has a few hundred kilobytes; the description of a model can have some megabytes. */
const MOST_BYTES = 2 ** 25;

/**
 * @param refusal names an answer that is no success; null leaves it to the general words
 * @throws as `download`, FormatError `hub-answer` if it is no JSON, and the errors of `refusal`
 */
export async function ask(
	address: string,
	options: AskOptions,
	refusal: (response: Response) => AppError | null,
): Promise<HubAnswer> {
	const waits = options.waits ?? WAITS;
	for (let tries = 0; ; tries++) {
		try {
			return await attempt(address, options, refusal);
		} catch (error) {
			if (!isPassing(error)) throw error;
			await waitOrThrow(error, waits[tries], options.signal);
		}
	}
}

async function attempt(
	address: string,
	{ fetch, signal, patience = PATIENCE_MS }: AskOptions,
	refusal: (response: Response) => AppError | null,
): Promise<HubAnswer> {
	const stall = new Stall(signal, patience);
	let total = 0;
	try {
		const response = await send(fetch, address, {
			signal: stall.signal,
			cache: 'no-cache',
			credentials: 'omit',
			referrerPolicy: 'no-referrer',
		});
		const refused = response.ok ? null : refusal(response);
		if (refused !== null) {
			discard(response);
			throw refused;
		}
		expectFile(address, response);
		stall.moved();
		const parts: Uint8Array[] = [];
		await readBody(address, response, (part) => {
			stall.moved();
			parts.push(part.slice());
			total += part.length;
			if (total > MOST_BYTES) throw tooLarge(address, MOST_BYTES, false);
		});
		return { json: parsed(address, joined(parts)), headers: response.headers };
	} catch (error) {
		if (signal.aborted) throw new Cancelled();
		throw stall.signal.aborted ? stalled(address, total) : error;
	} finally {
		stall.end();
	}
}

function parsed(address: string, bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(bytes));
	} catch (cause) {
		throw new FormatError(`${address} gave an answer that is no JSON.`, {
			code: 'hub-answer',
			hint: 'Check the address of the hub: its answers should be those of huggingface.co/api.',
			context: { address },
			cause,
		});
	}
}
