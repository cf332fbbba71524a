/**
 * Prompt: what the user asks. A prompt set is a named list of prompts with its origin; splitting into train and held-out
 * is by a stable hash of the text, so that the same prompt is always on the same side.
 */
export interface Prompt {
	/** Stable within a run: `w-` + hash for the world's, `u-` + hash for the user's own. */
	id: string;
	text: string;
	/** The world's family, where the prompt is the world's. */
	family: string | null;
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
