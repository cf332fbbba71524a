/** The address of an endpoint as a recipe may hold it: recipes are saved, shared and exported, so no secret may ride along. */

/**
 * The address without spaces around it, without a name and password, a query or a fragment: that is where keys hide.
 * What is no http(s) address comes back as it is, for the recipe's own check to refuse.
 */
export function publicAddress(text: string): string {
	const trimmed = text.trim();
	const url = URL.canParse(trimmed) ? new URL(trimmed) : null;
	if (url === null || !isHttp(url)) return trimmed;
	if (url.username + url.password + url.search + url.hash === '') return trimmed;
	url.username = '';
	url.password = '';
	url.search = '';
	url.hash = '';
	return url.href;
}

/** True for a whole http(s) address. */
export function isHttpAddress(text: string): boolean {
	return URL.canParse(text) && isHttp(new URL(text));
}

function isHttp({ protocol }: URL): boolean {
	return protocol === 'http:' || protocol === 'https:';
}
