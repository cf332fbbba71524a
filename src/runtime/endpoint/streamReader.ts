/** Reads the body of a chat completion while it arrives: events, JSON, or JSON in lines, under any content type. */
import type { TokenUsage } from '#core/endpoint/sentRequest.ts';
import { utf8Bytes } from '#core/endpoint/tokens.ts';
import type { ChatReply } from '#core/ports.ts';
import { AppError } from '#core/errors.ts';
import { largestReply, textPieces } from './body.ts';
import { fromErrorBody, type Target } from './failure.ts';
import { parseCompletion, ReplyBuilder } from './reply.ts';
import { EventReader, looksLikeEvents, type ServerEvent } from './sse.ts';
import { cutOff, notJson } from './unreadable.ts';
import type { Watch } from './watch.ts';

/**
 * @param maxTokens limit of the request; a reply far beyond it is not read
 * @param onText    the text so far, whenever it grows
 * @throws RemoteError see reply.ts · `endpoint-too-long`
 */
export async function readReply(
	target: Target,
	response: Response,
	maxTokens: number,
	watch: Watch,
	onText?: (textSoFar: string) => void,
): Promise<ChatReply> {
	const reader = new ReplyReader(target, maxTokens, onText);
	let lengthWhenFinished = -1;
	try {
		for await (const piece of textPieces(target, response, largestReply(maxTokens), watch)) {
			if (reader.push(piece)) break;
			// Comments that keep a connection open do not lengthen the wait; more text does.
			if (!reader.finished || reader.text.length === lengthWhenFinished) continue;
			lengthWhenFinished = reader.text.length;
			watch.hurry();
		}
	} catch (thrown) {
		// The reply is complete, although its server broke off or left the connection open.
		if (
			reader.finished &&
			(watch.timedOut() !== null || !watch.signal.aborted) &&
			!(thrown instanceof AppError)
		)
			return reader.end();
		if (thrown instanceof AppError || watch.signal.aborted) throw thrown;
		throw cutOff(target, reader.text, thrown);
	} finally {
		account(watch, reader);
	}
	try {
		return reader.end();
	} finally {
		account(watch, reader);
	}
}

/** A reply that fails has its tokens too. */
function account({ account }: Watch, { text, usage }: ReplyReader): void {
	account.replyBytes = utf8Bytes(text);
	account.usage = usage;
}

/** Decides by its first characters how a body is to be read. */
export class ReplyReader {
	readonly #target: Target;
	readonly #onText: ((textSoFar: string) => void) | undefined;
	readonly #reply: ReplyBuilder;
	#events: EventReader | null = null;
	#isEvents: boolean | null = null;
	/** Everything that is not read as events; until the form is known, the start. */
	#pieces: string[] = [];
	#done = false;
	/** Text of events that was not JSON. */
	#words = '';

	constructor(target: Target, maxTokens: number, onText?: (textSoFar: string) => void) {
		this.#target = target;
		this.#onText = onText;
		this.#reply = new ReplyBuilder(target, maxTokens);
	}

	get text(): string {
		return this.#reply.text === '' ? this.#pieces.join('') : this.#reply.text;
	}

	get finished(): boolean {
		return this.#reply.finished;
	}

	/** Null if the server has not counted the tokens. */
	get usage(): TokenUsage | null {
		return this.#reply.usage;
	}

	/** @returns true if the server marked the end of the reply */
	push(piece: string): boolean {
		if (this.#events !== null) return this.#take(this.#events.push(piece));
		this.#pieces.push(piece);
		if (this.#isEvents === false) return false;
		const start = this.#pieces.join('');
		this.#isEvents = looksLikeEvents(start);
		if (this.#isEvents !== true) return false;
		this.#pieces = [];
		this.#events = new EventReader();
		return this.#take(this.#events.push(start.replace(/^[\s\ufeff]+/, '')));
	}

	/** @throws RemoteError if the body holds no complete reply */
	end(): ChatReply {
		if (this.#events === null) return this.#whole(this.#pieces.join(''));
		if (!this.#done) this.#take(this.#events.end());
		if (!this.finished && this.#reply.text === '' && this.#words !== '')
			throw notJson(this.#target, this.#words);
		return this.#reply.streamed(this.#done);
	}

	#whole(body: string): ChatReply {
		const lines = chunksInLines(body);
		if (lines === null) {
			const reply = parseCompletion(this.#target, body, this.#reply);
			this.#onText?.(reply.text);
			return reply;
		}
		for (const line of lines) this.#add(line);
		return this.#reply.streamed(false);
	}

	#take(events: readonly ServerEvent[]): boolean {
		for (const event of events) {
			if (this.#done) break;
			if (event.data.trim() === '[DONE]') this.#done = true;
			else this.#read(event);
		}
		return this.#done;
	}

	#read({ name, data }: ServerEvent): void {
		const text = data.trim();
		if (text === '') return;
		let json: unknown;
		try {
			json = JSON.parse(text);
		} catch {
			// Broken JSON is a piece of the reply that was lost; other text is a notice, such as "ping".
			if (/^[{[]/.test(text)) throw cutOff(this.#target, this.#reply.text);
			if (name === 'error') throw fromErrorBody(this.#target, text);
			this.#words = text;
			return;
		}
		if (name === 'error') throw fromErrorBody(this.#target, text);
		this.#add(json);
	}

	#add(json: unknown): void {
		if (this.#reply.add(json)) this.#onText?.(this.#reply.text);
	}
}

/** Chunks of a server that streams one JSON text per line; null if the body is anything else. */
function chunksInLines(body: string): readonly unknown[] | null {
	if (!/^\s*\{[^\n\r]*\}[ \t]*[\n\r]\s*\{/.test(body)) return null;
	try {
		return body
			.split(/[\n\r]+/)
			.filter((line) => line.trim() !== '')
			.map((line): unknown => JSON.parse(line));
	} catch {
		// One JSON text over several lines.
		return null;
	}
}
