/** Requests and tokens of the revisions of a run, before it starts. */
import { revisionRequest } from '../revision/request.ts';
import { estimatedTokens, utf8Bytes } from './tokens.ts';

export interface ForecastFacts {
	/** Answers to revise. */
	requests: number;
	/** Some of the prompts, for their mean length. */
	prompts: readonly string[];
	/** Answers of an earlier run like this one; empty if there is none. */
	answers: readonly string[];
	/** The longest answer in tokens, which is assumed without earlier answers. */
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

export function forecastRevisions(facts: ForecastFacts): TokenForecast {
	const { requests, prompts, answers, maxAnswerTokens, maxReplyTokens, replyTokens } = facts;
	const frame = revisionRequest('', '').reduce((sum, { content }) => sum + utf8Bytes(content), 0);
	const answerTokens = answers.length === 0 ? maxAnswerTokens : estimatedTokens(meanBytes(answers));
	const perRequest = estimatedTokens(frame + meanBytes(prompts)) + answerTokens;
	return {
		requests,
		promptTokens: Math.round(requests * perRequest),
		completionTokens: Math.round(requests * (replyTokens ?? maxReplyTokens)),
		promptsKnown: answers.length > 0,
		repliesKnown: replyTokens !== null,
	};
}

function meanBytes(texts: readonly string[]): number {
	if (texts.length === 0) return 0;
	return texts.reduce((sum, text) => sum + utf8Bytes(text), 0) / texts.length;
}
