/** Reads parsed JSON of a server, of which nothing is known. */
import { isRecord } from '#core/format/record.ts';

/** The field of a record; undefined for everything else. */
export function field(value: unknown, name: string): unknown {
	return isRecord(value) ? value[name] : undefined;
}
