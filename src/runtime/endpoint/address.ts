/** Makes addresses and texts of an endpoint safe to show: without keys, passwords and queries. */
import { RemoteError } from '#core/errors.ts';

/**
 * Normalises the base URL of an OpenAI-compatible server: no trailing slash, no query, and no
 * `/chat/completions`, which users often paste too.
 *
 * @param text  the user's input: `http://localhost:8080/v1`; relative addresses are resolved against `page`
 * @param page  address of the page, if there is one
 * @throws RemoteError `endpoint-address` if it is not an http(s) address
 */
export function parseBaseUrl(text: string, page?: string): URL {
	const url = readUrl(text.trim(), page);
	url.pathname = url.pathname.replace(/\/(chat\/completions|models)?\/*$/, '').replace(/\/+$/, '');
	// Browsers refuse addresses with a user name and password; a key has its own field.
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

/** An address to show: only scheme, host and path. */
export function publicUrl(url: URL): string {
	return `${url.protocol}//${url.host}${url.pathname}`;
}

/**
 * Makes a server's message safe to show: one line, at most 300 characters, without the key. Servers often
 * repeat the key that they refuse, sometimes half of it, so anything that looks like a key is removed too.
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
