/** Guards for parsed JSON of a server, of which nothing is known. */

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field of a record; undefined for everything else. */
export function field(value: unknown, name: string): unknown {
	return isRecord(value) ? value[name] : undefined;
}
