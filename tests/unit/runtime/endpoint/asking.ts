/** Sends requests to a test's own server and returns the error. */
import { afterEach, expect } from 'vitest';
import { AppError, toWire } from '#core/errors.ts';
import type { ChatReply, ChatRequest } from '#core/ports.ts';
import type { EndpointOptions } from '#runtime/endpoint/client.ts';
import { openAiChatModel } from '#runtime/endpoint/openaiChat.ts';
import { serve, type Handler, type TestServer } from './server.ts';

export const KEY = 'sk-test-51GZc0ffee';
export const request: ChatRequest = {
	messages: [{ role: 'user', content: 'Improve: I goes home.' }],
	sampling: { temperature: 0.7, topP: 1, maxTokens: 64, seed: 11 },
};
export const never = new AbortController().signal;

const servers: TestServer[] = [];
afterEach(async () => {
	await Promise.all(servers.splice(0).map((server) => server.close()));
});

export async function start(handler: Handler): Promise<TestServer> {
	const server = await serve(handler);
	servers.push(server);
	return server;
}

/** Asks, and records the requested delays without waiting. */
export function ask(
	baseUrl: string,
	options: Partial<EndpointOptions> & { signal?: AbortSignal; onText?: (text: string) => void } = {},
): { reply: Promise<ChatReply>; waits: number[] } {
	const waits: number[] = [];
	const { signal = never, onText, ...rest } = options;
	const model = openAiChatModel({
		baseUrl,
		apiKey: KEY,
		model: 'teacher',
		maxRetries: 0,
		wait: (ms) => {
			waits.push(ms);
			return Promise.resolve();
		},
		...rest,
	});
	return { reply: model.complete(request, signal, onText), waits };
}

export async function failureOf(reply: Promise<ChatReply>): Promise<AppError> {
	const outcome = await reply.then(
		() => null,
		(error: unknown) => error,
	);
	expect(outcome).toBeInstanceOf(AppError);
	const error = outcome as AppError;
	const written = JSON.stringify(toWire(error));
	expect(written).not.toContain(KEY);
	expect(error.message.length).toBeGreaterThan(20);
	return error;
}
