/** Counts and estimates of tokens, and their price. */
import { isRecord } from '../format/record.ts';
import type { SentRequest, TokenPrice, TokenUsage } from './sentRequest.ts';

/** English has about four characters per token in the tokenizers of today's models; other scripts have more bytes. */
const BYTES_PER_TOKEN = 4;

export function utf8Bytes(text: string): number {
	return new TextEncoder().encode(text).length;
}

/** Tokens of a text, estimated from its UTF-8 bytes. */
export function estimatedTokens(bytes: number): number {
	return Math.ceil(bytes / BYTES_PER_TOKEN);
}

export interface TokenCount {
	promptTokens: number;
	completionTokens: number;
	/** True if the server gave both numbers. */
	exact: boolean;
}

const NONE: TokenCount = { promptTokens: 0, completionTokens: 0, exact: true };

/**
 * Tokens of a request: by the server's count, else estimated from the texts. A request without a successful answer,
 * and one that asks for no completion, has none: servers do not charge for it.
 */
export function tokensOf(request: SentRequest): TokenCount {
	const { usage, model, replyBytes, text } = request;
	if (usage === null && (!succeeded(request) || model === '')) return NONE;
	const { promptTokens = null, completionTokens = null }: Partial<TokenUsage> = usage ?? {};
	return {
		promptTokens: promptTokens ?? estimatedTokens(text === null ? request.sentBytes : messageBytes(text)),
		completionTokens: completionTokens ?? estimatedTokens(replyBytes),
		exact: promptTokens !== null && completionTokens !== null,
	};
}

export function succeeded({ status }: Pick<SentRequest, 'status'>): boolean {
	return status !== null && status >= 200 && status < 300;
}

/** UTF-8 bytes of the messages in a request's body; of the whole body if it is of another form. */
function messageBytes(body: string): number {
	const contents = contentsIn(body);
	return contents === null ? utf8Bytes(body) : contents.reduce((sum, text) => sum + utf8Bytes(text), 0);
}

/** The messages of a request's body, in order; null if it is of another form. */
export function contentsIn(body: string): readonly string[] | null {
	try {
		const json: unknown = JSON.parse(body);
		const messages: unknown = isRecord(json) ? json['messages'] : null;
		if (!Array.isArray(messages)) return null;
		const contents = messages.map((message: unknown) => (isRecord(message) ? message['content'] : null));
		return contents.every((content) => typeof content === 'string') ? contents : null;
	} catch {
		// Another form: the caller reads the whole body.
		return null;
	}
}

/** US dollars. */
export function costOf(
	{ promptTokens, completionTokens }: Pick<TokenCount, 'promptTokens' | 'completionTokens'>,
	price: TokenPrice,
): number {
	return (promptTokens * price.prompt + completionTokens * price.completion) / 1e6;
}
