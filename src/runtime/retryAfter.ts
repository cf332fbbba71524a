/** The wait that a server asks for in its answer. */

/**
 * Seconds of a Retry-After header, which is a number or a date; null if absent or unreadable.
 *
 * @param now milliseconds since 1970, for dates
 */
export function readRetryAfter(headers: Headers, now: number): number | null {
	const milliseconds = Number(headers.get('retry-after-ms') ?? Number.NaN);
	if (milliseconds >= 0) return milliseconds / 1000;
	const value = headers.get('retry-after');
	if (value === null) return null;
	const seconds = Number(value);
	if (Number.isFinite(seconds)) return Math.max(0, seconds);
	const date = Date.parse(value);
	return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}
