/** The page that sends the requests; there is none in Node. */

/** The page's address, or undefined in Node. */
export function pageAddress(): string | undefined {
	return (globalThis as { location?: { href: string } }).location?.href;
}

/** The page's origin; null in Node. */
export function pageOrigin(): string | null {
	const address = pageAddress();
	return address === undefined ? null : new URL(address).origin;
}
