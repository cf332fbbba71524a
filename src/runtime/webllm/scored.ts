/** An answer with the log-probabilities that WebLLM gave its tokens. */
import type { ChatReply } from '#core/ports.ts';

/** Log-probability of one generated token and of the most likely tokens at its position, nats. */
export interface TokenLogprob {
	text: string;
	logprob: number;
	/** Most likely first. */
	top: readonly { text: string; logprob: number }[];
}

export interface ChatReplyWithLogprobs extends ChatReply {
	logprobs: readonly TokenLogprob[];
	/** Count of prompt tokens, and tokens per second of prefill and decoding. */
	promptTokens: number;
	prefillTokensPerSecond: number;
	decodeTokensPerSecond: number;
}
