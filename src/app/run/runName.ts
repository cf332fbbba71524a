/** Names of new runs. */

/**
 * "Sunday", "Sunday 2": the weekday, and a number if the name is in use.
 *
 * @param date in ISO form
 * @param runs whose names are in use
 */
export function newRunName(date: string, runs: readonly { name: string }[]): string {
	const inUse = new Set(runs.map(({ name }) => name));
	const day = new Date(date).toLocaleDateString('en', { weekday: 'long' });
	if (!inUse.has(day)) return day;
	let n = 2;
	while (inUse.has(`${day} ${n}`)) n++;
	return `${day} ${n}`;
}
