/** Sums of the requests that left the page, by server. */
import { reachOf, type Reach } from './reach.ts';
import type { SentRequest, TokenPrice } from './sentRequest.ts';
import { costOf, succeeded, tokensOf } from './tokens.ts';

export interface ServerTraffic {
	/** Scheme, host and port. */
	origin: string;
	host: string;
	reach: Reach;
	requests: number;
	/** Requests without a successful answer; retries count among `requests`. */
	failed: number;
	promptTokens: number;
	completionTokens: number;
	/** Requests whose tokens are estimated, because the server does not count them. */
	estimated: number;
	sentBytes: number;
	receivedBytes: number;
	/** ISO times of the first and the last request. */
	first: string;
	last: string;
}

/** One sum per server, in the order of the first requests. */
export function trafficByServer(requests: readonly SentRequest[]): readonly ServerTraffic[] {
	const servers = new Map<string, ServerTraffic>();
	for (const request of requests) {
		const sum = servers.get(request.origin) ?? nothingAt(request);
		servers.set(request.origin, added(sum, request));
	}
	return [...servers.values()];
}

function nothingAt({ origin, at }: SentRequest): ServerTraffic {
	const url = URL.canParse(origin) ? new URL(origin) : null;
	return {
		origin,
		host: url?.host ?? origin,
		reach: reachOf(url?.hostname ?? ''),
		requests: 0,
		failed: 0,
		promptTokens: 0,
		completionTokens: 0,
		estimated: 0,
		sentBytes: 0,
		receivedBytes: 0,
		first: at,
		last: at,
	};
}

function added(sum: ServerTraffic, request: SentRequest): ServerTraffic {
	const { at, sentBytes, receivedBytes } = request;
	const { promptTokens, completionTokens, exact } = tokensOf(request);
	return {
		...sum,
		requests: sum.requests + 1,
		failed: sum.failed + (succeeded(request) ? 0 : 1),
		promptTokens: sum.promptTokens + promptTokens,
		completionTokens: sum.completionTokens + completionTokens,
		estimated: sum.estimated + (exact ? 0 : 1),
		sentBytes: sum.sentBytes + sentBytes,
		receivedBytes: sum.receivedBytes + receivedBytes,
		first: at < sum.first ? at : sum.first,
		last: at > sum.last ? at : sum.last,
	};
}

/**
 * US dollars of the requests to a server.
 *
 * @param priceOf the price of the model that a request asked
 * @returns null if a request with tokens has no known price
 */
export function costAt(
	requests: readonly SentRequest[],
	origin: string,
	priceOf: (request: SentRequest) => TokenPrice | null,
): number | null {
	let dollars = 0;
	for (const request of requests) {
		const tokens = tokensOf(request);
		if (request.origin !== origin || tokens.promptTokens + tokens.completionTokens === 0) continue;
		const price = priceOf(request);
		if (price === null) return null;
		dollars += costOf(tokens, price);
	}
	return dollars;
}
