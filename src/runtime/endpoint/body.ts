/** Reads the body of an answer as text, up to a number of bytes. */
import { joined } from '#core/format/joined.ts';
import { decoderOf, FIRST_BYTES } from './charset.ts';
import type { Target } from './failure.ts';
import { cutOff, longerThanAsked } from './unreadable.ts';
import type { Watch } from './watch.ts';

/** Error bodies and lists of models. */
const LARGEST_ERROR = 64 * 1024;
export const LARGEST_LIST = 8 * 1024 * 1024;
/** Of a reply: a streamed token can take a kilobyte of JSON, with the results of filters and probabilities. */
const BYTES_PER_TOKEN = 2048;
const BYTES_BESIDES = 256 * 1024;

export function largestReply(maxTokens: number): number {
	return BYTES_BESIDES + maxTokens * BYTES_PER_TOKEN;
}

/**
 * The body's text in pieces. Stops reading when the caller stops, and beyond the limit.
 *
 * @throws RemoteError `endpoint-too-long`; the transport's own error if the body breaks off
 */
export async function* textPieces(
	target: Target,
	response: Response,
	limit: number,
	watch: Watch,
): AsyncGenerator<string, void, undefined> {
	const reader = response.body?.getReader();
	if (reader === undefined) return;
	const text = new TextPieces(response.headers.get('content-type'));
	let size = 0;
	try {
		for (;;) {
			const { value, done } = await reader.read();
			watch.touch(value?.byteLength);
			if (done) break;
			size += value.byteLength;
			if (size > limit) throw longerThanAsked(target, limit);
			yield text.push(value);
		}
		yield text.end();
	} finally {
		// Closes the connection if the body has not ended. A server that ignores this delays nothing.
		void reader.cancel().catch(() => undefined);
	}
}

/** Decodes pieces of bytes; the first ones decide about the encoding. */
class TextPieces {
	readonly #contentType: string | null;
	#decoder: TextDecoder | null = null;
	#first = new Uint8Array();

	constructor(contentType: string | null) {
		this.#contentType = contentType;
	}

	push(bytes: Uint8Array): string {
		if (this.#decoder !== null) return this.#decoder.decode(bytes, { stream: true });
		this.#first = joined([this.#first, bytes]);
		return this.#first.length < FIRST_BYTES ? '' : this.#begin().decode(this.#first, { stream: true });
	}

	end(): string {
		return this.#decoder?.decode() ?? this.#begin().decode(this.#first);
	}

	#begin(): TextDecoder {
		this.#decoder = decoderOf(this.#contentType, this.#first);
		return this.#decoder;
	}
}

/** @throws RemoteError `endpoint-too-long` · `endpoint-cut-off` */
export async function readText(
	target: Target,
	response: Response,
	limit: number,
	watch: Watch,
): Promise<string> {
	const pieces: string[] = [];
	try {
		for await (const piece of textPieces(target, response, limit, watch)) pieces.push(piece);
	} catch (thrown) {
		if (watch.signal.aborted || isTooLong(thrown)) throw thrown;
		throw cutOff(target, pieces.join(''), thrown);
	}
	return pieces.join('');
}

/** The start of an error's body; a body that breaks off or is too long is shown as far as it came. */
export async function readErrorText(target: Target, response: Response, watch: Watch): Promise<string> {
	const pieces: string[] = [];
	try {
		for await (const piece of textPieces(target, response, LARGEST_ERROR, watch)) pieces.push(piece);
	} catch (thrown) {
		if (watch.signal.aborted && !watch.timedOut()) throw thrown;
	}
	return pieces.join('');
}

function isTooLong(thrown: unknown): boolean {
	return thrown instanceof Error && 'code' in thrown && thrown.code === 'endpoint-too-long';
}
