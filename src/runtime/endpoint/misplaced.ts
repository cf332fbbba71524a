/** Recognises a base URL that lacks `/v1`, and names the base URLs to try in its place. */
import { AppError } from '#core/errors.ts';

/** Answers of a server at whose base URL there are no chat completions. A browser may hide them. */
const CODES = new Set([
	'endpoint-not-found',
	'endpoint-html',
	'endpoint-not-json',
	'endpoint-reply-invalid',
	'endpoint-cors',
	'endpoint-unreachable',
	'endpoint-redirect',
]);

export function isMisplaced(error: unknown): boolean {
	if (!(error instanceof AppError)) return false;
	return CODES.has(error.code) || error.context['retriesAtMost'] !== undefined;
}

/** None if the path has a version already: then the address is meant as it is. */
export function otherBaseUrls(baseUrl: URL): readonly URL[] {
	if (/\/v\d/i.test(baseUrl.pathname) || baseUrl.search !== '') return [];
	const path = baseUrl.pathname.replace(/\/$/, '');
	const below = new URL(`${path}/v1`, baseUrl.origin);
	return path === '' ? [below] : [below, new URL('/v1', baseUrl.origin)];
}
