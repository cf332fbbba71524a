/** The account of one request: what is sent and received is counted as it happens, for the list of sent requests. */
import type { SentRequest, TokenUsage } from '#core/endpoint/sentRequest.ts';
import { utf8Bytes } from '#core/endpoint/tokens.ts';
import type { Target } from './failure.ts';

export type OnSent = (request: SentRequest) => void;

export class RequestAccount {
	#sent: { at: string; url: URL; text: string } | null = null;
	receivedBytes = 0;
	replyBytes = 0;
	status: number | null = null;
	usage: TokenUsage | null = null;

	/** Call it right before the request leaves. */
	send(address: string, text: string): void {
		this.#sent = { at: new Date().toISOString(), url: new URL(address), text };
	}

	/** The request without the key in any of its texts; null if nothing was sent. */
	report({ model, redact }: Target): SentRequest | null {
		if (this.#sent === null) return null;
		const { at, url, text } = this.#sent;
		const { receivedBytes, replyBytes, status, usage } = this;
		return {
			at,
			origin: url.origin,
			path: redact(url.pathname),
			model: text === '' ? '' : redact(model),
			status,
			sentBytes: utf8Bytes(text),
			receivedBytes,
			replyBytes,
			usage,
			text: redact(text),
		};
	}
}
