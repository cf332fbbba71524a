import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError, Cancelled, RemoteError, toWire } from '#core/errors.ts';
import type { ChatReply, ChatRequest } from '#core/ports.ts';
import type { EndpointOptions } from '#runtime/endpoint/client.ts';
import { listModels, openAiChatModel } from '#runtime/endpoint/openaiChat.ts';
import { completion, delta, event, json, serve, type Handler, type TestServer } from './server.ts';

const KEY = 'sk-test-51GZc0ffee';
const request: ChatRequest = {
	messages: [{ role: 'user', content: 'Improve: I goes home.' }],
	sampling: { temperature: 0.7, topP: 1, maxTokens: 64, seed: 11 },
};
const never = new AbortController().signal;

const servers: TestServer[] = [];
afterEach(async () => {
	await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(handler: Handler): Promise<TestServer> {
	const server = await serve(handler);
	servers.push(server);
	return server;
}

/** Asks and notes how long it was told to wait, without waiting. */
function ask(
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

async function failureOf(reply: Promise<ChatReply>): Promise<AppError> {
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

describe('a server that answers', () => {
	it('sends the model, the messages and the sampling, and reads text, tokens and end', async () => {
		const server = await start((response) => json(response, completion('I go home.')));
		await expect(ask(server.baseUrl).reply).resolves.toEqual({
			text: 'I go home.',
			finishReason: 'stop',
			tokens: 5,
			tokenIds: null,
		});
		expect(server.asked[0]?.path).toBe('/v1/chat/completions');
		expect(server.asked[0]?.body).toEqual({
			model: 'teacher',
			messages: request.messages,
			temperature: 0.7,
			top_p: 1,
			max_tokens: 64,
			seed: 11,
		});
		expect(server.asked[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
	});

	it('sends no header that a home server would have to allow by name', async () => {
		const server = await start((response) => json(response, completion('x')));
		await ask(server.baseUrl).reply;
		const own = Object.keys(server.asked[0]?.headers ?? {}).filter((name) => name.startsWith('x-'));
		expect(own).toEqual([]);
	});

	it('sends no authorization where there is no key', async () => {
		const server = await start((response) => json(response, completion('x')));
		await ask(server.baseUrl, { apiKey: '' }).reply;
		expect(server.asked[0]?.headers.authorization).toBeUndefined();
	});

	it.each(['/', '/chat/completions', '/models'])('forgives %s at the end of the base URL', async (tail) => {
		const server = await start((response) => json(response, completion('x')));
		await ask(`${server.baseUrl}${tail}`).reply;
		expect(server.asked[0]?.path).toBe('/v1/chat/completions');
	});

	it('keeps markup and script as plain text', async () => {
		const text = '{corrected_student_solution}: <script>alert(1)</script><b>x</b>';
		const server = await start((response) => json(response, completion(text)));
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({ text });
	});

	it('returns a reply without a marker as it came', async () => {
		const server = await start((response) => json(response, completion('Looks good to me!')));
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({ text: 'Looks good to me!' });
	});

	it('says what a model refused in another way: the newer name of the token limit', async () => {
		const server = await start((response, { body }) =>
			'max_tokens' in body
				? json(response, { error: { message: "Use 'max_completion_tokens' instead." } }, 400)
				: json(response, completion('ok')),
		);
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({ text: 'ok' });
		expect(server.asked).toHaveLength(2);
		expect(server.asked[1]?.body['max_completion_tokens']).toBe(64);
	});

	it('lists the models', async () => {
		const server = await start((response) =>
			json(response, { object: 'list', data: [{ id: 'a' }, { id: 'b' }] }),
		);
		await expect(listModels(server.baseUrl, KEY, never)).resolves.toEqual(['a', 'b']);
		expect(server.asked[0]?.path).toBe('/v1/models');
	});
});

describe('a server that streams', () => {
	it('hands on the text so far and adds it up', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(event(delta('I go ')));
			response.write(event(delta('home.')));
			response.write(event(delta('', 'stop')));
			response.end(event('[DONE]'));
		});
		const seen: string[] = [];
		const { reply } = ask(server.baseUrl, { onText: (text) => seen.push(text) });
		await expect(reply).resolves.toMatchObject({ text: 'I go home.', finishReason: 'stop' });
		expect(seen).toEqual(['I go ', 'I go home.']);
		expect(server.asked[0]?.body['stream']).toBe(true);
	});

	it('takes an answer in one piece from a server that cannot stream', async () => {
		const server = await start((response) => json(response, completion('whole')));
		const seen: string[] = [];
		await ask(server.baseUrl, { onText: (text) => seen.push(text) }).reply;
		expect(seen).toEqual(['whole']);
	});

	it('names a stream that ends before its end as cut off', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.end(event(delta('I go')));
		});
		const error = await failureOf(ask(server.baseUrl, { onText: () => undefined }).reply);
		expect(error).toMatchObject({ code: 'endpoint-cut-off', context: { received: 4 } });
	});

	it('reads an error that comes as an event', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.end(event({ error: { message: 'out of memory', code: 500 } }));
		});
		const error = await failureOf(ask(server.baseUrl, { onText: () => undefined }).reply);
		expect(error.code).toBe('endpoint-server-error');
		expect(error.message).toContain('out of memory');
	});

	it('gives up a stream that falls silent', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(event(delta('I go')));
		});
		const error = await failureOf(ask(server.baseUrl, { onText: () => undefined, timeoutMs: 60 }).reply);
		expect(error.code).toBe('endpoint-timeout');
	});

	it('stops in mid-stream when the user stops', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(event(delta('I go')));
		});
		const stop = new AbortController();
		const { reply } = ask(server.baseUrl, { onText: () => stop.abort(), signal: stop.signal });
		await expect(reply).rejects.toBeInstanceOf(Cancelled);
	});
});

describe('a server that fails', () => {
	it('is down', async () => {
		const closed = createServer();
		await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
		const { port } = closed.address() as AddressInfo;
		await new Promise((resolve) => closed.close(resolve));
		const error = await failureOf(ask(`http://127.0.0.1:${port}/v1`).reply);
		expect(error).toBeInstanceOf(RemoteError);
		expect(error.code).toBe('endpoint-unreachable');
		expect(error.message).toContain('connection refused');
		expect(error.hint).toContain('Start the server');
	});

	it('has a name that nobody knows', async () => {
		const error = await failureOf(ask('http://no-such-host.invalid/v1').reply);
		expect(error).toMatchObject({ code: 'endpoint-unreachable' });
	});

	it.each([
		[401, 'endpoint-key-refused'],
		[403, 'endpoint-forbidden'],
		[404, 'endpoint-not-found'],
		[422, 'endpoint-request-refused'],
	])('answers %i and is not asked again', async (status, code) => {
		const server = await start((response) =>
			json(response, { error: { message: `No entry for ${KEY}`, type: 'x' } }, status),
		);
		const { reply, waits } = ask(server.baseUrl, { maxRetries: 3 });
		const error = await failureOf(reply);
		expect(error).toMatchObject({ code, context: { status } });
		expect(error.message).toContain('No entry for [key]');
		expect(error.hint).not.toBe('');
		expect(waits).toEqual([]);
		expect(server.asked).toHaveLength(1);
	});

	it('says 429 with Retry-After and is asked again when it said', async () => {
		const server = await start((response, _asked, count) => {
			if (count === 1) json(response, { error: { message: 'slow down' } }, 429, { 'retry-after': '7' });
			else json(response, completion('ok'));
		});
		const { reply, waits } = ask(server.baseUrl, { maxRetries: 2 });
		await expect(reply).resolves.toMatchObject({ text: 'ok' });
		expect(waits).toEqual([7000]);
	});

	it('says 429 for longer than anybody waits', async () => {
		const server = await start((response) => json(response, {}, 429, { 'retry-after': '3600' }));
		const { reply, waits } = ask(server.baseUrl, { maxRetries: 2 });
		const error = await failureOf(reply);
		expect(error).toMatchObject({
			code: 'endpoint-rate-limited',
			context: { retryAfterSeconds: 3600, status: 429 },
		});
		expect(waits).toEqual([]);
	});

	it('says 500, then answers', async () => {
		const server = await start((response, _asked, count) => {
			if (count < 3) response.writeHead(500).end('oops');
			else json(response, completion('ok'));
		});
		const { reply, waits } = ask(server.baseUrl, { maxRetries: 4 });
		await expect(reply).resolves.toMatchObject({ text: 'ok' });
		expect(waits).toHaveLength(2);
		expect(waits[0]).toBeGreaterThan(370);
		expect(waits[0]).toBeLessThanOrEqual(500);
		expect(waits[1]).toBeGreaterThan(740);
		expect(waits[1]).toBeLessThanOrEqual(1000);
	});

	it('says 500 as often as it is asked', async () => {
		const server = await start((response) => void response.writeHead(503).end('overloaded'));
		const error = await failureOf(ask(server.baseUrl, { maxRetries: 2 }).reply);
		expect(error).toMatchObject({ code: 'endpoint-server-error', context: { status: 503 } });
		expect(error.message).toContain('overloaded');
		expect(server.asked).toHaveLength(3);
	});

	it('says nothing at all', async () => {
		const server = await start(() => undefined);
		const error = await failureOf(ask(server.baseUrl, { timeoutMs: 50 }).reply);
		expect(error).toMatchObject({ code: 'endpoint-timeout', context: { timeoutMs: 50 } });
	});

	it('cuts its answer off in the middle', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
			response.write('{"choices":[{"mess', () => response.destroy());
		});
		expect(await failureOf(ask(server.baseUrl).reply)).toMatchObject({ code: 'endpoint-cut-off' });
	});

	it('ends its JSON too early', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[{"mess');
		});
		expect(await failureOf(ask(server.baseUrl).reply)).toMatchObject({ code: 'endpoint-cut-off' });
	});

	it.each([true, false])('answers with a web page (streaming: %s)', async (streaming) => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/html' });
			response.end('<!doctype html><title>Log in</title><script>alert(1)</script>');
		});
		const error = await failureOf(ask(server.baseUrl, streaming ? { onText: () => undefined } : {}).reply);
		expect(error.code).toBe('endpoint-html');
		expect(error.message).not.toContain('script');
	});

	it('answers 502 with a web page, which is not quoted', async () => {
		const server = await start((response) => {
			response.writeHead(502, { 'content-type': 'text/html' }).end('<html><body>Bad gateway</body></html>');
		});
		const error = await failureOf(ask(server.baseUrl).reply);
		expect(error.code).toBe('endpoint-server-error');
		expect(error.message).not.toContain('<');
	});

	it('answers with something that is not JSON', async () => {
		const server = await start((response) => void response.writeHead(200).end('pong'));
		expect(await failureOf(ask(server.baseUrl).reply)).toMatchObject({ code: 'endpoint-not-json' });
	});

	it.each([
		[{}, 'choices'],
		[{ choices: [] }, 'choices'],
		[{ choices: [{ message: { content: 7 } }] }, 'choices.0.message.content'],
		[{ choices: [{ message: { content: null } }] }, 'content'],
	])('answers with JSON of another form: %j', async (value, named) => {
		const server = await start((response) => json(response, value));
		const error = await failureOf(ask(server.baseUrl).reply);
		expect(error.code).toBe('endpoint-reply-invalid');
		expect(error.message).toContain(named);
	});

	it('reports an error with status 200', async () => {
		const server = await start((response) => json(response, { error: { message: 'no capacity' } }));
		const error = await failureOf(ask(server.baseUrl).reply);
		expect(error.code).toBe('endpoint-server-error');
		expect(error.message).toContain('no capacity');
	});
});

describe('stopping', () => {
	it('ends a request in flight', async () => {
		const stop = new AbortController();
		const server = await start(() => stop.abort());
		const { reply } = ask(server.baseUrl, { signal: stop.signal, maxRetries: 3 });
		await expect(reply).rejects.toBeInstanceOf(Cancelled);
		expect(server.asked).toHaveLength(1);
	});

	it('ends a wait between two tries', async () => {
		const stop = new AbortController();
		const server = await start((response) => {
			json(response, {}, 429, { 'retry-after': '60' });
			setImmediate(() => stop.abort());
		});
		const model = openAiChatModel({ baseUrl: server.baseUrl, apiKey: '', model: 'm', maxRetries: 3 });
		await expect(model.complete(request, stop.signal)).rejects.toBeInstanceOf(Cancelled);
	});
});

describe('addresses', () => {
	it.each(['', 'not a url', 'ftp://x/v1', 'javascript:alert(1)'])('refuses %j', (baseUrl) => {
		expect(() => openAiChatModel({ baseUrl, apiKey: '', model: 'm' })).toThrow(RemoteError);
	});

	it('shows no user name, password, query or key', async () => {
		const server = await start((response) => json(response, { error: { message: `bad ${KEY}` } }, 401));
		const address = server.baseUrl.replace('//', '//anna:geheim@') + `?api_key=${KEY}`;
		const error = await failureOf(ask(address).reply);
		expect(JSON.stringify(toWire(error))).not.toMatch(/anna|geheim|api_key/);
		expect(error.context['url']).toBe(server.baseUrl);
	});
});
