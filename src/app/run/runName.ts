/** Names of new runs. */

/**
 * "Sunday", "Sunday 2": the weekday, and a number if the name is in use.
 *
 * @param date in ISO form
 */
export function newRunName(date: string, inUse: ReadonlySet<string>): string {
	const day = new Date(date).toLocaleDateString('en', { weekday: 'long' });
	if (!inUse.has(day)) return day;
	let n = 2;
	while (inUse.has(`${day} ${n}`)) n++;
	return `${day} ${n}`;
}
