/**
 * Prompt: the user's request to the model. A prompt set is a named list of prompts with its origin. A stable
 * hash of the text splits it into train and held out, so that a prompt is always on the same side.
 */
export interface Prompt {
	/** Stable within a run: `w-` + hash for the world's, `u-` + hash for the user's own. */
	id: string;
	text: string;
	/** Family of the world; null for the user's own prompts. */
	family: string | null;
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
