/** The kept set of pairs that a recipe names. The pairs are data, and the recipe does not hold them. */
import * as v from 'valibot';

export const setReferenceSchema = v.strictObject({
	/** For people: the set's name when it was chosen. */
	name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
	/** Of the pairs' texts, see core/pair/set/content.ts. */
	sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'write the SHA-256 as 64 digits of 0-9 and a-f')),
});

export type SetReference = v.InferOutput<typeof setReferenceSchema>;
