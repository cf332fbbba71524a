/**
 * Prompt: what the user asks. A prompt set is a named list of prompts with its origin; splitting into train and held-out
 * is by a stable hash of the text, so that the same prompt is always on the same side.
 */
import * as v from 'valibot';

export const promptSchema = v.object({
	/** Stable within a run: `w-` + hash for the world's, `u-` + hash for the user's own. */
	id: v.string(),
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
	/** `world`, or the name of the file or field that the user gave. */
	source: string;
	prompts: readonly Prompt[];
}

/** A row of an import that was left out, kept so that the page can say which and why. */
export interface SkippedRow {
	line: number;
	text: string;
	reason: string;
}
