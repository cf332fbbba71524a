/** Numbers of a recipe that differ between models. */
export interface RecipeNumbers {
	learningRate: number;
	/** Prompts to learn from. */
	prompts: number;
	/** Longest sampled answer, in tokens. */
	answerTokens: number;
	steps: number;
	/** Held-out prompts. */
	heldOut: number;
}
