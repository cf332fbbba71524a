/**
 * Schemas that several nouns share. Types are inferred from schemas, so that a value of the type can be read
 * back from a file.
 */
import * as v from 'valibot';

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A measured number. JSON has no NaN: `JSON.stringify` writes null for it, and null reads back as NaN. */
export const measured = v.pipe(
	v.nullable(v.number()),
	v.transform((value) => value ?? Number.NaN),
);

/** A read-only list: the app replaces lists and never mutates them. */
export function listOf<Item extends v.GenericSchema>(item: Item) {
	return v.pipe(v.array(item), v.readonly());
}
