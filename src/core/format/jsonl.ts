/** JSON Lines: one JSON value a line. A line that is not JSON is a value with its reason, so that the rest can be used. */

export type JsonLine = { line: number; text: string } & (
	{ ok: true; value: unknown } | { ok: false; reason: string }
);

/** All lines that hold something, numbered from 1. A byte order mark at the start is dropped. */
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
			// Kept as the row's reason: one broken line is no reason to refuse a file.
			lines.push({ ...place, ok: false, reason: `not JSON: ${faultOf(cause)}` });
		}
	}
	return lines;
}

export function writeJsonLines(values: readonly unknown[]): string {
	return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

/** The parser's words without its own count of lines: to it, every row is line 1. */
function faultOf(cause: unknown): string {
	return (cause instanceof Error ? cause.message : String(cause)).replace(/ \(line \d+ column \d+\)$/, '');
}
