/** The connection to one endpoint: its address, its limits, and the `openai` client, loaded on first use. */
import type OpenAI from 'openai';
import { parseBaseUrl } from './address.ts';
import type { Target } from './failure.ts';
import type { Wait } from './retry.ts';

export type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

export interface EndpointOptions {
	baseUrl: string;
	/** Bearer token, sent only to this endpoint; empty if the server needs no key. */
	apiKey: string;
	model: string;
	/** Milliseconds without a byte after which a request is aborted. */
	timeoutMs?: number;
	/** Number of retries after the first attempt. */
	maxRetries?: number;
	fetch?: Fetch;
	/** Waits between two attempts; tests replace it. */
	wait?: Wait;
}

const DEFAULT_TIMEOUT_MS = 120_000;
/** The client's own limit must never fire before ours; this is the longest delay of a timer. */
const NEVER_MS = 2 ** 31 - 1;

export interface Connection {
	target: Target;
	fetch: Fetch;
	timeoutMs: number;
	client: () => Promise<OpenAI>;
}

/** @throws RemoteError `endpoint-address` if the base URL is not an http(s) address */
export function connect(options: EndpointOptions): Connection {
	const baseUrl = parseBaseUrl(options.baseUrl, pageAddress());
	const send = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
	let client: Promise<OpenAI> | undefined;
	return {
		target: { baseUrl, model: options.model, apiKey: options.apiKey },
		fetch: send,
		timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
		client: () => (client ??= createClient(baseUrl, options.apiKey, send)),
	};
}

async function createClient(baseUrl: URL, apiKey: string, send: Fetch): Promise<OpenAI> {
	const { default: Client } = await import('openai');
	return new Client({
		baseURL: baseUrl.href.replace(/\/$/, ''),
		// The client refuses an empty key; `plainHeaders` removes the header if there is no key.
		apiKey: apiKey === '' ? 'none' : apiKey,
		organization: null,
		project: null,
		dangerouslyAllowBrowser: true,
		maxRetries: 0,
		timeout: NEVER_MS,
		logLevel: 'off',
		fetch: (input, init) => send(input, { ...init, headers: plainHeaders(init?.headers, apiKey !== '') }),
	});
}

/**
 * Removes the client's headers that describe itself: in a browser the server must allow each of them by name,
 * and most home servers do not.
 */
function plainHeaders(given: RequestInit['headers'], withKey: boolean): Headers {
	const headers = new Headers(given);
	for (const name of [...headers.keys()]) {
		if (name.startsWith('x-stainless-')) headers.delete(name);
	}
	if (!withKey) headers.delete('authorization');
	return headers;
}

/** The page's address, or undefined in Node. */
export function pageAddress(): string | undefined {
	return (globalThis as { location?: { href: string } }).location?.href;
}
