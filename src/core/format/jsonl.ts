/**
 * JSON Lines: one JSON value per line. A line that is not JSON becomes a value with its reason, so that the
 * other lines remain usable.
 */

export type JsonLine = { line: number; text: string } & (
	{ ok: true; value: unknown } | { ok: false; reason: string }
);

/** Reads all lines that are not blank, numbered from 1. Drops a byte order mark at the start. */
export function readJsonLines(text: string): JsonLine[] {
	const lines: JsonLine[] = [];
	for (const [i, raw] of text
		.replace(/^\uFEFF/, '')
		.split(/\r?\n/)
		.entries()) {
		if (raw.trim() === '') continue;
		const place = { line: i + 1, text: raw };
		try {
			lines.push({ ...place, ok: true, value: JSON.parse(raw) });
		} catch (cause) {
			// The row keeps the reason, so that one broken line does not make the whole file unusable.
			lines.push({ ...place, ok: false, reason: `not JSON: ${faultOf(cause)}` });
		}
	}
	return lines;
}

export function writeJsonLines(values: readonly unknown[]): string {
	return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

/** The parser's message without its line number, which is always 1 because each row is parsed alone. */
function faultOf(cause: unknown): string {
	return (cause instanceof Error ? cause.message : String(cause)).replace(/ \(line \d+ column \d+\)$/, '');
}
