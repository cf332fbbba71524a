/** The connection to one endpoint, and one HTTP request to it. */
import { keyProblem, readKey } from '#core/recipe/endpointKey.ts';
import { parseBaseUrl, requestUrl } from './address.ts';
import { readErrorText } from './body.ts';
import { fromStatus, keyNotSendable, redirected, type Target } from './failure.ts';
import { readRetryAfter } from '../retryAfter.ts';
import { pageAddress } from './page.ts';
import type { Wait } from './retry.ts';
import { redactor } from '#core/text/redact.ts';
import type { Watch } from './watch.ts';

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

export interface Connection {
	target: Target;
	key: string;
	fetch: Fetch;
	timeoutMs: number;
}

/** @throws RemoteError `endpoint-address` if the base URL is not an http(s) address */
export function connect(options: EndpointOptions): Connection {
	const key = readKey(options.apiKey);
	return {
		target: {
			baseUrl: parseBaseUrl(options.baseUrl, pageAddress()),
			model: options.model.trim(),
			hasKey: key !== '',
			redact: redactor(key),
		},
		key,
		fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
		timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
	};
}

/**
 * Sends one request.
 *
 * @param path from the base URL on: `/chat/completions`
 * @param body sent as JSON by POST; undefined sends GET
 * @returns an answer with a status of success, its body unread
 * @throws RemoteError for every other status, for a redirect, and for a key that cannot be sent
 */
export async function send(
	{ target, key, fetch }: Connection,
	path: string,
	body: unknown,
	watch: Watch,
): Promise<Response> {
	const problem = keyProblem(key);
	if (problem !== null) throw keyNotSendable(target, problem);
	const address = requestUrl(target.baseUrl, path);
	const text = body === undefined ? '' : JSON.stringify(body);
	watch.account.send(address, text);
	const response = await fetch(address, {
		headers: headersOf(target.baseUrl, key, body !== undefined),
		signal: watch.signal,
		// A redirect could take the key to another server.
		redirect: 'manual',
		...(body === undefined ? {} : { method: 'POST', body: text }),
	});
	watch.touch();
	watch.account.status = response.status === 0 ? null : response.status;
	if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
		void response.body?.cancel().catch(() => undefined);
		throw redirected(target, response.headers.get('location'));
	}
	if (response.ok) return response;
	const words = await readErrorText(target, response, watch);
	throw fromStatus(target, response.status, words, readRetryAfter(response.headers, Date.now()));
}

/** Few headers, because in a browser a server must allow each unusual one by name. */
function headersOf(baseUrl: URL, key: string, withBody: boolean): Record<string, string> {
	// Azure reads keys from a header of its own; only its addresses have an `api-version`.
	const named = baseUrl.search === '' ? { authorization: `Bearer ${key}` } : { 'api-key': key };
	return {
		accept: 'application/json',
		...(withBody ? { 'content-type': 'application/json' } : {}),
		...(key === '' ? {} : named),
	};
}
