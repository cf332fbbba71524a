/** The adapter that a run begins from, merged into the weights as the new reference. The recipe names it; its numbers travel with the run. */
import * as v from 'valibot';

export const beginSchema = v.strictObject({
	/** Id of the stored run that has the adapter. */
	run: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
	/** For people: the run's name and the step, “Monday, step 100”. */
	name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
	/** Of the adapter's numbers, see core/adapter/content.ts. */
	sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'write the SHA-256 as 64 digits of 0-9 and a-f')),
});

export type Begin = v.InferOutput<typeof beginSchema>;
