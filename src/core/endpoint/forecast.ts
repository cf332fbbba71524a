/** Requests and tokens that a model is asked for, before it is asked. Pure. */
import { utf8Bytes, estimatedTokens } from './tokens.ts';

export interface ForecastFacts {
	requests: number;
	/** UTF-8 bytes of a request in the mean, without the answers that it quotes. */
	frameBytes: number;
	/** Answers that a request quotes: one to revise, two to compare. */
	quoted: number;
	/** Some answers, for their mean length; empty if there are none yet. */
	answers: readonly string[];
	/** The longest answer in tokens, which is assumed without answers. */
	maxAnswerTokens: number;
	/** The longest reply in tokens. */
	maxReplyTokens: number;
	/** Mean tokens of earlier replies of the same model; null without any. */
	replyTokens: number | null;
}

export interface TokenForecast {
	requests: number;
	promptTokens: number;
	completionTokens: number;
	/** False if `promptTokens` is an upper limit: the answers' length is not known. */
	promptsKnown: boolean;
	/** False if `completionTokens` is an upper limit. */
	repliesKnown: boolean;
}

export function forecastRequests(facts: ForecastFacts): TokenForecast {
	const { requests, frameBytes, quoted, answers, maxAnswerTokens, maxReplyTokens, replyTokens } = facts;
	const answerTokens = answers.length === 0 ? maxAnswerTokens : estimatedTokens(meanBytes(answers));
	return {
		requests,
		promptTokens: Math.round(requests * (estimatedTokens(frameBytes) + quoted * answerTokens)),
		completionTokens: Math.round(requests * (replyTokens ?? maxReplyTokens)),
		promptsKnown: quoted === 0 || answers.length > 0,
		repliesKnown: replyTokens !== null,
	};
}

/** UTF-8 bytes of a text in the mean; 0 of none. */
export function meanBytes(texts: readonly string[]): number {
	if (texts.length === 0) return 0;
	return texts.reduce((sum, text) => sum + utf8Bytes(text), 0) / texts.length;
}
