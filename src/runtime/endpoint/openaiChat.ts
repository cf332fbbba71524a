/**
 * A ChatModel for any server with OpenAI's chat completions. Every failure is a RemoteError with a hint;
 * temporary failures are retried (retry.ts). The first reply shows what a server accepts (dialect.ts) and whether
 * its base URL lacks `/v1`; both are kept for later requests. No text that leaves this module contains the key.
 */
import { asAppError, type RemoteError } from '#core/errors.ts';
import type { ChatModel, ChatReply, ChatRequest } from '#core/ports.ts';
import { publicUrl } from './address.ts';
import { connect, type Connection, type EndpointOptions, send } from './client.ts';
import { adapted, bodyOf, describeDialect, type Dialect, FULL } from './dialect.ts';
import { watched } from './explain.ts';
import { isHidden, isMisplaced, otherBaseUrls } from './misplaced.ts';
import { withRetries } from './retry.ts';
import { startOfKeyCutter } from '#core/text/keyStart.ts';
import { redactError } from './redactError.ts';
import { readReply } from './streamReader.ts';
import type { Watch } from './watch.ts';

const DEFAULT_RETRIES = 4;
/** A server that has not answered yet is more likely down than busy. */
const RETRIES_BEFORE_ANY_ANSWER = 1;

/** An endpoint with everything learned about it. */
interface Endpoint {
	connection: Connection;
	dialect: Dialect;
	/** Base URLs to try if the given one is not that of a chat server; empty after a try. */
	others: readonly URL[];
	/** Set when another base URL answered. */
	moved: boolean;
	/** True after the first reply. */
	answered: boolean;
}

type OnText = ((textSoFar: string) => void) | undefined;

/** @throws RemoteError `endpoint-address` if the base URL is not an http(s) address */
export function openAiChatModel(options: EndpointOptions): ChatModel {
	const connection = connect(options);
	const others = otherBaseUrls(connection.target.baseUrl);
	const endpoint: Endpoint = { connection, dialect: FULL, others, moved: false, answered: false };
	const { redact } = connection.target;
	const withoutStartOfKey = startOfKeyCutter(connection.key);
	const safe = (text: string): string => withoutStartOfKey(redact(text));
	return {
		id: options.model,
		complete: async (request, signal, onText) => {
			try {
				const reply = await withRetries(
					() => ask(endpoint, request, signal, onText && ((text) => onText(safe(text)))),
					{
						maxRetries: (error) => retriesAfter(error, endpoint, options),
						signal,
						onRetry: request.onRetry,
						label: `${request.sampling.seed}:${request.messages.at(-1)?.content ?? ''}`,
						...(options.wait === undefined ? {} : { wait: options.wait }),
					},
				);
				endpoint.answered = true;
				return withNotes(endpoint, redactReply(reply, redact));
			} catch (thrown) {
				throw redactError(asAppError(thrown), redact);
			}
		},
	};
}

function retriesAfter(
	{ code }: RemoteError,
	{ answered }: Endpoint,
	{ maxRetries }: EndpointOptions,
): number {
	const most = maxRetries ?? DEFAULT_RETRIES;
	return code === 'endpoint-unreachable' && !answered ? Math.min(RETRIES_BEFORE_ANY_ANSWER, most) : most;
}

/** Asks at the given base URL, and once at others if no chat server is there. */
async function ask(
	endpoint: Endpoint,
	request: ChatRequest,
	signal: AbortSignal,
	onText: OnText,
): Promise<ChatReply> {
	const given = endpoint.connection;
	try {
		return await askAdapted(endpoint, given, request, signal, onText);
	} catch (error) {
		if (!isMisplaced(error)) throw error;
		// Another request found the right base URL meanwhile.
		if (given !== endpoint.connection) return ask(endpoint, request, signal, onText);
		for (const baseUrl of endpoint.others) {
			const moved: Connection = { ...given, target: { ...given.target, baseUrl } };
			const reply = await askAdapted(endpoint, moved, request, signal, onText).catch((other: unknown) => {
				if (isMisplaced(other)) return null;
				move(endpoint, moved);
				throw other;
			});
			if (reply === null) continue;
			move(endpoint, moved);
			return reply;
		}
		if (given !== endpoint.connection) return ask(endpoint, request, signal, onText);
		if (!isHidden(error)) endpoint.others = [];
		throw error;
	}
}

function move(endpoint: Endpoint, to: Connection): void {
	endpoint.connection = to;
	endpoint.others = [];
	endpoint.moved = true;
}

/** Leaves out the settings that the server refuses by name, and keeps this after a success. */
async function askAdapted(
	endpoint: Endpoint,
	connection: Connection,
	request: ChatRequest,
	signal: AbortSignal,
	onText: OnText,
): Promise<ChatReply> {
	let { dialect } = endpoint;
	for (let changed = false; ; changed = true) {
		const body = bodyOf(connection.target.model, request, dialect, onText !== undefined);
		try {
			const reply = await watched(
				connection,
				signal,
				(watch) => askOnce(connection, body, request.sampling.maxTokens, watch, onText),
				request.onSent,
			);
			if (changed) endpoint.dialect = dialect;
			return reply;
		} catch (error) {
			const next = adapted(dialect, body, error);
			if (next === null) throw error;
			dialect = next;
		}
	}
}

async function askOnce(
	connection: Connection,
	body: Readonly<Record<string, unknown>>,
	maxTokens: number,
	watch: Watch,
	onText: OnText,
): Promise<ChatReply> {
	const response = await send(connection, '/chat/completions', body, watch);
	return readReply(connection.target, response, maxTokens, watch, onText);
}

function redactReply(reply: ChatReply, redact: (text: string) => string): ChatReply {
	const { text, ending } = reply;
	return { ...reply, text: redact(text), ...(ending === undefined ? {} : { ending: redact(ending) }) };
}

/** Adds what was changed for this endpoint, for the page. */
function withNotes({ connection, dialect, moved }: Endpoint, reply: ChatReply): ChatReply {
	const { model, baseUrl } = connection.target;
	const notes = [
		...(moved ? [`The base URL was completed: requests go to ${publicUrl(baseUrl)}.`] : []),
		...describeDialect(model, dialect),
	];
	return notes.length === 0 ? reply : { ...reply, notes };
}
