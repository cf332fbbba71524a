/** Output: one completion of the target model, with its sampling settings. A prompt may have several. */
import * as v from 'valibot';
import { count } from '../format/schema.ts';
import { promptSchema } from '../prompt/prompt.ts';

export interface Message {
	role: 'system' | 'user' | 'assistant';
	content: string;
}

/** Sampling settings. Temperature 0 is greedy; the same seed gives the same answer. */
export const samplingSchema = v.object({
	temperature: v.number(),
	topP: v.number(),
	maxTokens: count,
	seed: count,
});
export type Sampling = v.InferOutput<typeof samplingSchema>;

/** `filtered` and `other` occur only in replies of endpoints. */
const finishReason = v.picklist(['stop', 'length', 'cancelled', 'filtered', 'other']);
export type FinishReason = v.InferOutput<typeof finishReason>;

export const outputSchema = v.object({
	/** See {@link outputId}. */
	id: v.string(),
	prompt: promptSchema,
	text: v.string(),
	finishReason,
	/** Id of the model that generated the completion, and its sampling settings. */
	model: v.string(),
	sampling: samplingSchema,
	/** Generated tokens without the stop token. */
	tokens: count,
});
export type Output = v.InferOutput<typeof outputSchema>;

/**
 * The id of a prompt's nth output: `w-6720ea9e.o1`.
 *
 * @param n 1-based, in the order of sampling
 */
export function outputId(promptId: string, n: number): string {
	return `${promptId}.o${n}`;
}

/**
 * The id of a prompt's nth answer by another model: `w-6720ea9e.a1`.
 *
 * @param n 1-based
 */
export function answerId(promptId: string, n: number): string {
	return `${promptId}.a${n}`;
}
