/** Addresses and texts of an endpoint, made safe to show: never a key, a password or a query. */
import { RemoteError } from '#core/errors.ts';

/**
 * The base URL of an OpenAI-compatible server, in the one form used from here on: no trailing slash, no query, and without
 * `/chat/completions`, which people paste along.
 *
 * @param text  what the user typed: `http://localhost:8080/v1`; relative addresses are resolved against `page`
 * @param page  address of the page, where there is one
 * @throws RemoteError `endpoint-address` when it is no http(s) address
 */
export function parseBaseUrl(text: string, page?: string): URL {
	const url = readUrl(text.trim(), page);
	url.pathname = url.pathname.replace(/\/(chat\/completions|models)?\/*$/, '').replace(/\/+$/, '');
	// Browsers refuse addresses that carry a name and password; keys belong in their own field.
	url.username = '';
	url.password = '';
	url.search = '';
	url.hash = '';
	return url;
}

function readUrl(text: string, page: string | undefined): URL {
	const base = page !== undefined && /^https?:/.test(page) ? page : undefined;
	const url = URL.canParse(text, base) ? new URL(text, base) : null;
	if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
	throw new RemoteError(`“${withoutSecrets(text)}” is not an address of a server.`, {
		code: 'endpoint-address',
		hint: 'Write the whole base URL, for example http://localhost:8080/v1.',
	});
}

/** An address to show: scheme, host and path, nothing else. */
export function publicUrl(url: URL): string {
	return `${url.protocol}//${url.host}${url.pathname}`;
}

/**
 * A server's own words, fit to be shown: one line, at most 300 characters, and the key struck out. Servers like to repeat the
 * key they refuse; some print half of it, so anything that looks like one goes as well.
 */
export function withoutSecrets(text: string, key = ''): string {
	const line = text.replace(/\s+/g, ' ').trim();
	const named = key === '' ? line : line.replaceAll(key, '[key]');
	const hidden = named
		.replace(/\b(sk|pk|key|hf|gsk|xai)[-_][\w*.-]{6,}/gi, '[key]')
		.replace(/\bBearer\s+\S+/gi, 'Bearer [key]')
		.replace(/\/\/[^/@\s]+@/g, '//');
	return hidden.length > 300 ? `${hidden.slice(0, 299)}…` : hidden;
}
