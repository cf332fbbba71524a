/** Changes to parsed JSON of unknown form, for the steps of a migration. */

export type Fields = Readonly<Record<string, unknown>>;

/** Changes the items of a list that are records; other values stay unchanged. */
export function each(list: unknown, change: (item: Fields) => Fields): unknown {
	if (!Array.isArray(list)) return list;
	return list.map((item: unknown) => (isFields(item) ? change(item) : item));
}

export function isFields(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
