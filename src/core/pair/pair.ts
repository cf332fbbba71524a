/** Preference pair: the prompt with a chosen and a rejected completion, and where each came from. */
import type { Prompt } from '../prompt/prompt.ts';

/** The four ways of the paper to make pairs, of which only `clair` is offered so far, and pairs read from a file. */
export type PairMethod = 'clair' | 'imported';

export interface PreferencePair {
	/** Stable within a run: the prompt's id. */
	id: string;
	prompt: Prompt;
	chosen: string;
	rejected: string;
	method: PairMethod;
	/** True where a person edited the revision. */
	edited: boolean;
}

/** Pairs that the user brought, in the file's order. */
export interface PairSet {
	/** The name of the file or field. */
	source: string;
	pairs: readonly PreferencePair[];
}
