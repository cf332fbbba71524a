/**
 * What the page and the WebLLM worker say to each other. Each call travels with a MessagePort of its own: the worker answers on
 * it with events and one result, the page may send `cancel`. Types only.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { WireError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { Message } from '#core/output/output.ts';
import type { ChatReply, ChatRequest, Progress } from '#core/ports.ts';

/** Log-probability of one generated token and of the most likely ones in its place, nats. */
export interface TokenLogprob {
	text: string;
	logprob: number;
	/** Most likely first. */
	top: readonly { text: string; logprob: number }[];
}

export interface ChatReplyWithLogprobs extends ChatReply {
	logprobs: readonly TokenLogprob[];
	/** Tokens of the prompt that were fed, and tokens a second of feeding and of generating. */
	promptTokens: number;
	prefillTokensPerSecond: number;
	decodeTokensPerSecond: number;
}

/** Calls by name: what is sent, and what comes back. */
export interface WebLlmCalls {
	load: { input: ModelSource; output: null };
	complete: { input: ChatRequest; output: ChatReply };
	/** As `complete`, with the model's own log-probabilities: at temperature 0 they are those before any temperature. */
	score: { input: { request: ChatRequest; top: number }; output: ChatReplyWithLogprobs };
	setAdapter: { input: { adapter: Adapter | null; strength: number }; output: null };
	/** The ids that WebLLM would feed for these messages. */
	promptIds: { input: readonly Message[]; output: readonly number[] };
	dispose: { input: null; output: null };
}

export type CallName = keyof WebLlmCalls;

/** Page to worker, with the port. */
export type CallMessage = { [Name in CallName]: { name: Name; input: WebLlmCalls[Name]['input'] } }[CallName];

/** Page to worker, on the port. */
export interface CancelMessage {
	type: 'cancel';
}

/** Worker to page, on the port. */
export type AnswerMessage =
	| { type: 'progress'; progress: Progress }
	| { type: 'text'; text: string }
	| { type: 'done'; output: unknown }
	| { type: 'failed'; error: WireError };
