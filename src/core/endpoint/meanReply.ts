/** Mean tokens of the replies that a model gave at an endpoint. Pure. */
import type { SentRequest } from './sentRequest.ts';
import { succeeded, tokensOf } from './tokens.ts';

/** @returns null without a successful reply of this model at this server */
export function meanReplyTokens(
	requests: readonly SentRequest[],
	{ endpoint, model }: { endpoint: string; model: string },
): number | null {
	const origin = URL.canParse(endpoint) ? new URL(endpoint).origin : '';
	const replies = requests.filter(
		(request) => request.model === model && request.origin === origin && succeeded(request),
	);
	if (replies.length === 0) return null;
	return replies.reduce((sum, request) => sum + tokensOf(request).completionTokens, 0) / replies.length;
}
