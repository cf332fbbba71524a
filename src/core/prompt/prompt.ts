/**
 * Prompt: the user's request to the model. A prompt set is a named list of prompts with its origin. A stable
 * hash of the text splits it into train and held out, so that a prompt is always on the same side.
 */
import * as v from 'valibot';
import { isMethodName } from '../format/record.ts';

/** An id from outside. Names of an object's own methods are refused. */
export const idSchema = v.pipe(
	v.string(),
	v.check(
		(id) => !isMethodName(id),
		({ input }) => `“${input}” cannot be an id`,
	),
);

export const promptSchema = v.object({
	/**
	 * Stable within a run: `w-` + hash for the world's, `u-` + 16 digits of a hash for the user's own (8 digits in runs of
	 * older versions).
	 */
	id: idSchema,
	text: v.string(),
	/** The world's family; null for the user's own prompts. */
	family: v.nullable(v.string()),
});
export type Prompt = v.InferOutput<typeof promptSchema>;

/** The id of the prompt that an output, a revision or a pair belongs to: their ids begin with it and a dot. */
export function promptIdOf(id: string): string {
	const dot = id.indexOf('.');
	return dot < 0 ? id : id.slice(0, dot);
}

export interface PromptSet {
	name: string;
	/** `world`, or the name of the user's file or text field. */
	source: string;
	prompts: readonly Prompt[];
}

/** A row that an import left out, shown on the page with its reason. */
export interface SkippedRow {
	line: number;
	text: string;
	reason: string;
}
