/** Output: one completion of the target model, with its sampling settings. */
import type { Prompt } from '../prompt/prompt.ts';

export interface Message {
	role: 'system' | 'user' | 'assistant';
	content: string;
}

/** Sampling settings. Temperature 0 is greedy; the same seed gives the same answer. */
export interface Sampling {
	temperature: number;
	topP: number;
	maxTokens: number;
	seed: number;
}

export type FinishReason = 'stop' | 'length' | 'cancelled';

export interface Output {
	prompt: Prompt;
	text: string;
	finishReason: FinishReason;
	/** Id of the model that generated the completion, and its sampling settings. */
	model: string;
	sampling: Sampling;
	/** Generated tokens without the stop token. */
	tokens: number;
}
