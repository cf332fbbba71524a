/**
 * A data method: how preference pairs come about. One record a method, in a file of its own; the app and the page read the record
 * and never ask which method it is.
 */

/** Work that a method needs before there are pairs, in the order of the data. */
export type DataStage = 'outputs' | 'revisions';

export interface DataMethod {
	/** `recipe.pairs.method`. */
	id: string;
	/** Short name on the page: "CLAIR". */
	title: string;
	/** `prompts`: the run draws prompts and makes its pairs. `pairs`: the user's own pairs are the data. */
	source: 'prompts' | 'pairs';
	/** Stages that the method needs, in order; empty if the pairs are imported. */
	stages: readonly DataStage[];
}
