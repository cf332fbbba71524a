/** A request that left the page, with the facts for its list: to whom, how much, when, and the text. Never a key. */
import * as v from 'valibot';
import { count, listOf } from '../format/schema.ts';

/** Tokens by the server's own count; null for a number that it does not give. */
const usageSchema = v.object({ promptTokens: v.nullable(count), completionTokens: v.nullable(count) });
export type TokenUsage = v.InferOutput<typeof usageSchema>;

const entries = {
	/** ISO time at which it was sent. */
	at: v.string(),
	/** Scheme, host and port. */
	origin: v.string(),
	/** Path of the address. */
	path: v.string(),
	/** Name of the model that was asked; empty for a list of models. */
	model: v.string(),
	/** HTTP status; null without an answer. */
	status: v.nullable(count),
	/** Bytes of the two bodies, without headers. */
	sentBytes: count,
	receivedBytes: count,
	/** UTF-8 bytes of the reply's text. */
	replyBytes: count,
	/** Null if the server counts no tokens. */
	usage: v.nullable(usageSchema),
};

export interface SentRequest extends v.InferOutput<v.ObjectSchema<typeof entries, undefined>> {
	/** The body, as it was sent; empty for a request without one, null if it is not kept. */
	text: string | null;
}

const priceSchema = v.object({ prompt: v.number(), completion: v.number() });
/** Price of a million tokens, in US dollars. */
export type TokenPrice = v.InferOutput<typeof priceSchema>;

/** Requests as a run stores them: a retry repeats its text, so each text is stored once. */
export const sentRequestsSchema = v.object({
	texts: listOf(v.string()),
	/** `text`: place in `texts`; null for a text that is not kept. */
	requests: listOf(v.object({ ...entries, text: v.nullable(count) })),
	/** Absent if unknown. */
	price: v.exactOptional(priceSchema),
});
export type StoredRequests = v.InferOutput<typeof sentRequestsSchema>;

/** Characters of texts that a run keeps; the requests after that are listed without their texts. */
export const MOST_TEXT = 16_000_000;

export function packRequests(
	requests: readonly SentRequest[],
	price: TokenPrice | null = null,
	most: number = MOST_TEXT,
): StoredRequests {
	const places = new Map<string, number>();
	let size = 0;
	const placeOf = (text: string): number | null => {
		const known = places.get(text);
		if (known !== undefined) return known;
		if (size + text.length > most) return null;
		size += text.length;
		places.set(text, places.size);
		return places.size - 1;
	};
	const packed = requests.map(({ text, ...facts }) => ({
		...facts,
		text: text === null ? null : placeOf(text),
	}));
	return { texts: [...places.keys()], requests: packed, ...(price === null ? {} : { price }) };
}

export function unpackRequests({ texts, requests }: StoredRequests): readonly SentRequest[] {
	return requests.map((request) => ({
		...request,
		text: request.text === null ? null : (texts[request.text] ?? null),
	}));
}
