/** The record of a model that is being added, so that another visit goes on with it, or deletes its parts. */
import * as v from 'valibot';

export const JOB = 'job.json';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const jobSchema = v.object({
	title: v.string(),
	/** Text of the place; null for files on disk, which must be chosen again. */
	address: v.nullable(v.string()),
	/** Id of the form. */
	form: v.string(),
	/** Bytes of the source files. */
	bytes: count,
	/** Source files that are downloaded in parts. */
	files: v.array(v.object({ address: v.pipe(v.string(), v.url()), size: count })),
});
export type KeepJob = v.InferOutput<typeof jobSchema>;

/** Null if the record is damaged: the model is then listed by its id. */
export function readJob(bytes: Uint8Array): KeepJob | null {
	try {
		const parsed = v.safeParse(jobSchema, JSON.parse(new TextDecoder().decode(bytes)));
		return parsed.success ? parsed.output : null;
	} catch {
		// No JSON is a damaged record, too.
		return null;
	}
}
