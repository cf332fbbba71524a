/** The endpoint's address in a recipe: recipes are saved, shared and exported, so it must hold no secret. */

/**
 * Removes the parts that can hold a key: user name and password, query and fragment; also outer spaces.
 * Returns text that is not an http(s) address unchanged, so that the recipe's own check refuses it.
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

/** True for a complete http(s) address. */
export function isHttpAddress(text: string): boolean {
	return URL.canParse(text) && isHttp(new URL(text));
}

function isHttp({ protocol }: URL): boolean {
	return protocol === 'http:' || protocol === 'https:';
}
