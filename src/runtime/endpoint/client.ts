/** The connection to one endpoint: its address, its limits, and the `openai` client, loaded when it is first needed. */
import type OpenAI from 'openai';
import { parseBaseUrl } from './address.ts';
import type { Target } from './failure.ts';
import type { Wait } from './retry.ts';

export type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

export interface EndpointOptions {
	baseUrl: string;
	/** Sent to the endpoint as the bearer token and to nobody else; empty where the server asks for none. */
	apiKey: string;
	model: string;
	/** Milliseconds without a byte after which a request is given up. */
	timeoutMs?: number;
	/** Tries after the first. */
	maxRetries?: number;
	fetch?: Fetch;
	/** For tests: how to wait between two tries. */
	wait?: Wait;
}

const DEFAULT_TIMEOUT_MS = 120_000;
/** The client's own limit must never fire before ours; this is the longest that timers take. */
const NEVER_MS = 2 ** 31 - 1;

export interface Connection {
	target: Target;
	fetch: Fetch;
	timeoutMs: number;
	client: () => Promise<OpenAI>;
}

/** @throws RemoteError `endpoint-address` when the base URL is none */
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
		// The client refuses an empty key; where there is none, the header is taken off below.
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
 * The client's headers without those that describe it: a server must list each of them before a browser may send it, and
 * most home servers do not.
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
