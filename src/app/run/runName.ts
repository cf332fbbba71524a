/** Names of new runs. */
import { freeName } from '#core/text/name.ts';

/**
 * "Sunday", "Sunday 2": the weekday, and a number if the name is in use.
 *
 * @param date in ISO form
 */
export function newRunName(date: string, inUse: ReadonlySet<string>): string {
	const day = new Date(date).toLocaleDateString('en', { weekday: 'long' });
	return freeName(day, inUse);
}
