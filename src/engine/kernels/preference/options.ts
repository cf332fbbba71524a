/** Settings of the objective's gradient. */
export interface PreferenceOptions {
	/** An id of core's registry. */
	readonly objective: string;
	readonly beta: number;
	/** 1 / pairs of the step. */
	readonly scale: number;
	/** Mean of the predicted chosen tokens over the pairs of the step. */
	readonly meanChosenTokens: number;
}
