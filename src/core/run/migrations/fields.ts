/** Changes to parsed JSON of unknown form, for the steps of a migration. */

import { type Fields, isRecord } from '../../format/record.ts';

/** Changes the items of a list that are records; other values stay unchanged. */
export function each(list: unknown, change: (item: Fields) => Fields): unknown {
	if (!Array.isArray(list)) return list;
	return list.map((item: unknown) => (isRecord(item) ? change(item) : item));
}
