/** Output: one completion of the target model, with the sampling that made it. */
import type { Prompt } from '../prompt/prompt.ts';

export interface Message {
	role: 'system' | 'user' | 'assistant';
	content: string;
}

/** How a completion is drawn. temperature 0 is greedy; the same seed gives the same answer. */
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
	/** Model id and sampling that made it. */
	model: string;
	sampling: Sampling;
	/** Tokens generated, the stop token left out. */
	tokens: number;
}
