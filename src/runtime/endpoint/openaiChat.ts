/**
 * A ChatModel for any server with OpenAI's chat completions. Every failure is a RemoteError with a hint
 * (failure.ts); temporary failures are retried (retry.ts). The first request loads the `openai` package.
 */
import type OpenAI from 'openai';
import { AppError } from '#core/errors.ts';
import type { ChatModel, ChatReply, ChatRequest } from '#core/ports.ts';
import { connect, type Connection, type EndpointOptions } from './client.ts';
import { isStatusError, watched } from './explain.ts';
import { cutOff, type Target } from './failure.ts';
import { parseCompletion, parseModelList, StreamedReply } from './reply.ts';
import { withRetries } from './retry.ts';
import type { Watch } from './watch.ts';

const DEFAULT_RETRIES = 4;

/** Request fields that some models refuse (reasoning models do), adapted after the first refusal. */
interface Dialect {
	maxTokensField: 'max_tokens' | 'max_completion_tokens';
	withoutSampling: boolean;
}

/** @throws RemoteError `endpoint-address` if the base URL is not an http(s) address */
export function openAiChatModel(options: EndpointOptions): ChatModel {
	const connection = connect(options);
	const dialect: Dialect = { maxTokensField: 'max_tokens', withoutSampling: false };
	return {
		id: options.model,
		complete: (request, signal, onText) =>
			withRetries(() => ask(connection, dialect, request, signal, onText), {
				maxRetries: options.maxRetries ?? DEFAULT_RETRIES,
				signal,
				label: `${request.sampling.seed}:${request.messages.at(-1)?.content ?? ''}`,
				...(options.wait === undefined ? {} : { wait: options.wait }),
			}),
	};
}

/**
 * Model ids that the server offers, in its order.
 *
 * @throws RemoteError like `complete`; Cancelled
 */
export async function listModels(
	baseUrl: string,
	apiKey: string,
	signal: AbortSignal,
	options: Pick<EndpointOptions, 'timeoutMs' | 'fetch'> = {},
): Promise<readonly string[]> {
	const connection = connect({ baseUrl, apiKey, model: '', timeoutMs: 10_000, ...options });
	return watched(connection, signal, async (watch) => {
		const client = await connection.client();
		const response = await client.models.list({ signal: watch.signal }).asResponse();
		return parseModelList(connection.target, await readBody(connection.target, response, watch));
	});
}

async function ask(
	connection: Connection,
	dialect: Dialect,
	request: ChatRequest,
	signal: AbortSignal,
	onText: ((textSoFar: string) => void) | undefined,
): Promise<ChatReply> {
	try {
		return await watched(connection, signal, (watch) =>
			onText === undefined
				? askWhole(connection, dialect, request, watch)
				: askStreamed(connection, dialect, request, watch, onText),
		);
	} catch (error) {
		if (learnDialect(dialect, error)) return ask(connection, dialect, request, signal, onText);
		throw error;
	}
}

async function askWhole(
	connection: Connection,
	dialect: Dialect,
	request: ChatRequest,
	watch: Watch,
): Promise<ChatReply> {
	const client = await connection.client();
	const response = await client.chat.completions
		.create(bodyOf(connection.target.model, request, dialect), { signal: watch.signal })
		.asResponse();
	return parseCompletion(connection.target, await readBody(connection.target, response, watch));
}

async function askStreamed(
	connection: Connection,
	dialect: Dialect,
	request: ChatRequest,
	watch: Watch,
	onText: (textSoFar: string) => void,
): Promise<ChatReply> {
	const { target } = connection;
	const client = await connection.client();
	const { data, response } = await client.chat.completions
		.create({ ...bodyOf(target.model, request, dialect), stream: true }, { signal: watch.signal })
		.withResponse();
	// A server without streaming answers with one JSON body, a wrong address with a page.
	if (!(response.headers.get('content-type') ?? '').includes('event-stream')) {
		const reply = parseCompletion(target, await readBody(target, response, watch));
		onText(reply.text);
		return reply;
	}
	const reply = new StreamedReply(target);
	try {
		for await (const chunk of data) {
			watch.touch();
			if (reply.add(chunk)) onText(reply.text);
		}
	} catch (thrown) {
		if (thrown instanceof AppError || watch.signal.aborted || isStatusError(thrown)) throw thrown;
		throw cutOff(target, reply.text, thrown);
	}
	// If the request is aborted, the client ends the loop without an error.
	watch.signal.throwIfAborted();
	return reply.end();
}

function bodyOf(
	model: string,
	request: ChatRequest,
	dialect: Dialect,
): OpenAI.ChatCompletionCreateParamsNonStreaming {
	const { temperature, topP, maxTokens, seed } = request.sampling;
	// OpenAI deprecates `seed`; other servers keep it, and it makes a run repeatable.
	const sampling: Readonly<Record<string, number>> = { temperature, top_p: topP, seed };
	return {
		model,
		messages: request.messages.map(({ role, content }) => ({ role, content })),
		[dialect.maxTokensField]: maxTokens,
		...(dialect.withoutSampling ? {} : sampling),
	};
}

/** Adapts the dialect to a field that a model refused by name; true if the changed request may succeed. */
function learnDialect(dialect: Dialect, error: unknown): boolean {
	if (!(error instanceof AppError) || error.context['status'] !== 400) return false;
	if (dialect.maxTokensField === 'max_tokens' && error.message.includes('max_completion_tokens')) {
		dialect.maxTokensField = 'max_completion_tokens';
		return true;
	}
	if (!dialect.withoutSampling && /\b(temperature|top_p|seed)\b.*\bsupport/i.test(error.message)) {
		dialect.withoutSampling = true;
		return true;
	}
	return false;
}

async function readBody(target: Target, response: Response, watch: Watch): Promise<string> {
	const decoder = new TextDecoder();
	const reader = response.body?.getReader();
	let text = '';
	try {
		for (;;) {
			const part = await reader?.read();
			watch.touch();
			if (part?.value === undefined) return text + decoder.decode();
			text += decoder.decode(part.value, { stream: true });
		}
	} catch (thrown) {
		if (watch.signal.aborted) throw thrown;
		throw cutOff(target, text, thrown);
	}
}
