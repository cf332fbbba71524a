/** Writes JSON Lines: one JSON value per line. jsonRows.ts reads them. */

export function writeJsonLines(values: readonly unknown[]): string {
	return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
