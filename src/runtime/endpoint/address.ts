/** Addresses of an endpoint: the base URL, the addresses of its requests, and the part that is safe to show. */
import { RemoteError } from '#core/errors.ts';
import { excerpt, onOneLine } from '#core/text/excerpt.ts';
import { withoutKeyForms } from '#core/text/redact.ts';
import { apiVersion, httpUrl, readAddress } from '#core/recipe/endpoint.ts';

/** Ends of addresses that users paste together with the base URL, longest first; those below `/api` are Ollama's own. */
const PASTED = [
	...['/chat/completions', '/completions', '/embeddings', '/responses', '/models'],
	...['/api/generate', '/api/chat', '/api/tags'],
];

/**
 * Normalises the base URL of an OpenAI-compatible server: no trailing slash, no query except Azure's
 * `api-version`, and no `/chat/completions`, which users often paste too. Adds a missing scheme.
 *
 * @param text  the user's input: `http://localhost:8080/v1`; relative addresses are resolved against `page`
 * @param page  address of the page, if there is one
 * @throws RemoteError `endpoint-address` if it is not an http(s) address
 */
export function parseBaseUrl(text: string, page?: string): URL {
	const url = readUrl(readAddress(text).address, page);
	url.pathname = withoutTail(url.pathname);
	// Browsers refuse addresses with a user name and password; a key has its own field.
	url.username = '';
	url.password = '';
	const version = apiVersion(url);
	url.search = version === null ? '' : `?api-version=${version}`;
	url.hash = '';
	return url;
}

function withoutTail(path: string): string {
	const trimmed = withoutSlashes(path);
	const pasted = PASTED.find((tail) => trimmed.toLowerCase().endsWith(tail));
	return pasted === undefined ? trimmed : withoutSlashes(trimmed.slice(0, -pasted.length));
}

/** Without the slashes at the end. A pattern would take quadratic time for an address of many slashes. */
function withoutSlashes(path: string): string {
	let end = path.length;
	while (end > 0 && path[end - 1] === '/') end--;
	return path.slice(0, end);
}

function readUrl(text: string, page: string | undefined): URL {
	const base = page !== undefined && /^https?:/.test(page) && /^[./]/.test(text) ? page : undefined;
	const url = httpUrl(text, base);
	if (url !== null) return url;
	throw new RemoteError(`“${shown(text)}” is not an address of a server.`, {
		code: 'endpoint-address',
		hint: 'Write the whole base URL, for example http://localhost:8080/v1.',
	});
}

/** The address of a request: the path is appended before the query. */
export function requestUrl(baseUrl: URL, path: string): string {
	const url = new URL(baseUrl);
	url.pathname = `${withoutSlashes(url.pathname)}${path}`;
	return url.href;
}

/** An address to show: only scheme, host and path. */
export function publicUrl(url: URL): string {
	return `${url.protocol}//${url.host}${url.pathname}`;
}

const LONGEST_SHOWN = 300;

/** A server's text for a message: one line, at most 300 characters, without anything that looks like a key. */
export function shown(text: string): string {
	const line = onOneLine(text.slice(0, 20 * LONGEST_SHOWN));
	return excerpt(withoutKeyForms(line), LONGEST_SHOWN);
}
