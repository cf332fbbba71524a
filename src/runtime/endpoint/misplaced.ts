/** Recognises a base URL that lacks `/v1`, and names the base URLs to try in its place. */
import { AppError } from '#core/errors.ts';

/** Answers of a server at whose base URL there are no chat completions. */
const ANSWERS = new Set([
	'endpoint-not-found',
	'endpoint-html',
	'endpoint-not-json',
	'endpoint-reply-invalid',
	'endpoint-redirect',
]);
/** A browser hides such answers of servers that allow a page only their right addresses. */
const HIDDEN = new Set(['endpoint-cors', 'endpoint-unreachable']);

export function isMisplaced(error: unknown): boolean {
	if (!(error instanceof AppError)) return false;
	return ANSWERS.has(error.code) || isHidden(error) || error.context['retriesAtMost'] !== undefined;
}

/** True if the server may just be down: later, other base URLs are worth another try. */
export function isHidden(error: unknown): boolean {
	return error instanceof AppError && HIDDEN.has(error.code);
}

/** None if the path has a version already: then the address is meant as it is. */
export function otherBaseUrls(baseUrl: URL): readonly URL[] {
	if (/\/v\d/i.test(baseUrl.pathname) || baseUrl.search !== '') return [];
	const path = baseUrl.pathname.replace(/\/$/, '');
	const below = new URL(`${path}/v1`, baseUrl.origin);
	return path === '' ? [below] : [below, new URL('/v1', baseUrl.origin)];
}
