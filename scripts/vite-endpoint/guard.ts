/**
 * Decides by its head whether a request may reach the embedded reviser. Other web pages may not: a page can send
 * requests to every server on this machine, and only the content type and these headers give it away.
 */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';

export interface ServerRefusal {
	status: number;
	code: string;
	message: string;
	headers?: OutgoingHttpHeaders;
}

const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS'];

/**
 * @param largestBody bytes
 * @returns null if the request is acceptable
 */
export function refusalOf(request: IncomingMessage, largestBody: number): ServerRefusal | null {
	const { method = 'GET', headers } = request;
	if (!METHODS.includes(method)) {
		return {
			status: 405,
			code: 'method_not_allowed',
			message: `${method} is not allowed here.`,
			headers: { allow: METHODS.join(', ') },
		};
	}
	if (isForeign(headers)) {
		return {
			status: 403,
			code: 'foreign_origin',
			message: 'Only the page of this server may ask this endpoint.',
		};
	}
	if (pathOf(request) === null) {
		return { status: 400, code: 'invalid_url', message: 'The address of the request cannot be read.' };
	}
	if (Number(headers['content-length'] ?? 0) > largestBody) return tooLarge(largestBody);
	return method === 'POST' && !isJson(headers['content-type'])
		? {
				status: 415,
				code: 'unsupported_media_type',
				message: 'Send JSON, with content-type: application/json.',
			}
		: null;
}

export function tooLarge(largestBody: number): ServerRefusal {
	return {
		status: 413,
		code: 'too_large',
		message: `The request is too large: at most ${largestBody} bytes are read.`,
	};
}

/** The decoded path without the query; null if it is not a path. */
export function pathOf({ url = '/' }: IncomingMessage): string | null {
	const [path = '/'] = url.split(/[?#]/);
	// A second slash would start a host's name.
	if (!path.startsWith('/') || path.startsWith('//') || !URL.canParse(path, 'http://localhost')) return null;
	return path;
}

/** True if a browser says that another site or another origin sends the request. */
function isForeign({ origin, host, ...others }: IncomingMessage['headers']): boolean {
	if (others['sec-fetch-site'] === 'cross-site') return true;
	if (origin === undefined) return false;
	const from = URL.canParse(origin) ? new URL(origin).host : null;
	return from === null || from.toLowerCase() !== host?.toLowerCase();
}

function isJson(contentType: string | undefined): boolean {
	return /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? '');
}
