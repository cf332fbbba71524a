/** Schemas that several nouns share. Types are inferred from schemas, so a value that compiles also reads back from a file. */
import * as v from 'valibot';

export const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A measured number. JSON has no NaN: `JSON.stringify` writes null for it, and null reads back as NaN. */
export const measured = v.pipe(
	v.nullable(v.number()),
	v.transform((value) => value ?? Number.NaN),
);

/** A list as the app holds it: replaced, never mutated. */
export function listOf<Item extends v.GenericSchema>(item: Item) {
	return v.pipe(v.array(item), v.readonly());
}
