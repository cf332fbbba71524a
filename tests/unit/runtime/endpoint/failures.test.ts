import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { retrySentence } from '#app/text/endpointRetry.ts';
import { RemoteError } from '#core/errors.ts';
import type { Retry } from '#core/ports.ts';
import { openAiChatModel } from '#runtime/endpoint/openaiChat.ts';
import { ask, failureOf, KEY, never, request, start } from './asking.ts';
import { completion, json } from './server.ts';

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

	it('is retried once if it never answered, and more often after an answer', async () => {
		const waits: number[] = [];
		const fetch = vi.fn<typeof globalThis.fetch>().mockRejectedValue(new TypeError('fetch failed'));
		const model = openAiChatModel({
			...{ baseUrl: 'http://127.0.0.1:9/v1', apiKey: '', model: 'm', fetch },
			wait: (ms) => {
				waits.push(ms);
				return Promise.resolve();
			},
		});
		const again = (): Promise<unknown> => failureOf(model.complete(request, never));
		await again();
		expect([waits.length, fetch.mock.calls.length]).toEqual([1, 2]);
		fetch.mockResolvedValueOnce(Response.json(completion('ok')));
		await model.complete(request, never);
		await again();
		expect(waits).toHaveLength(1 + 4);
	});

	it('has an unknown name', async () => {
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

	it('answers 429 with Retry-After and is asked again after that delay', async () => {
		const server = await start((response, _asked, count) => {
			if (count === 1) json(response, { error: { message: 'slow down' } }, 429, { 'retry-after': '7' });
			else json(response, completion('ok'));
		});
		const { reply, waits } = ask(server.baseUrl, { maxRetries: 2 });
		await expect(reply).resolves.toMatchObject({ text: 'ok' });
		expect(waits).toEqual([7000]);
	});

	it('answers 503 to every request: each wait is announced with its reason, its length and the attempt', async () => {
		const server = await start((response) => json(response, {}, 503));
		const model = openAiChatModel({
			...{ baseUrl: server.baseUrl, apiKey: '', model: 'm' },
			wait: () => Promise.resolve(),
		});
		const said: string[] = [];
		const onRetry = (retry: Retry): void => void said.push(retrySentence(retry));
		const error = await failureOf(model.complete({ ...request, onRetry }, never));
		expect(error.context).toMatchObject({ status: 503 });
		expect(server.asked).toHaveLength(5);
		expect(said).toHaveLength(4);
		expect(said[0]).toBe('The endpoint: HTTP 503. Trying again in less than 1 s, attempt 2 of 5.');
		expect(said[3]).toMatch(/^The endpoint: HTTP 503\. Trying again in [34] s, attempt 5 of 5\.$/);
	});

	it('answers 429 with too long a delay', async () => {
		const server = await start((response) => json(response, {}, 429, { 'retry-after': '3600' }));
		const { reply, waits } = ask(server.baseUrl, { maxRetries: 2 });
		const error = await failureOf(reply);
		expect(error).toMatchObject({
			code: 'endpoint-rate-limited',
			context: { retryAfterSeconds: 3600, status: 429 },
		});
		expect(waits).toEqual([]);
	});

	it('answers 500, then a reply', async () => {
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

	it('answers 500 every time', async () => {
		const server = await start((response) => void response.writeHead(503).end('overloaded'));
		const error = await failureOf(ask(server.baseUrl, { maxRetries: 2 }).reply);
		expect(error).toMatchObject({ code: 'endpoint-server-error', context: { status: 503 } });
		expect(error.message).toContain('overloaded');
		expect(server.asked).toHaveLength(3);
	});

	it('never answers', async () => {
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

	it('sends incomplete JSON', async () => {
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

/** Imitates a browser; a real one was observed to do the same, with and without isolation. */
describe('a server that hides its answers from this page', () => {
	afterEach(() => vi.unstubAllGlobals());

	/** Fails every request whose answer the page would read; `probe` answers `no-cors` requests. */
	const browser = (probe: () => Promise<Response>) => (_input: unknown, init?: RequestInit) =>
		init?.mode === 'no-cors' ? probe() : Promise.reject(new TypeError('Failed to fetch'));
	const present = (): Promise<Response> => Promise.resolve(Response.error());
	const absent = (): Promise<Response> => Promise.reject(new TypeError('Failed to fetch'));
	const on = (href: string, isolated = false): void => {
		vi.stubGlobal('location', { href });
		vi.stubGlobal('crossOriginIsolated', isolated);
	};
	const other = 'http://localhost:11434/v1';

	it('is distinguished from one that is down, with a hint how to allow the page', async () => {
		on('http://localhost:5173/index.html');
		const error = await failureOf(ask(other, { fetch: browser(present) }).reply);
		expect(error).toMatchObject({ code: 'endpoint-cors', context: { origin: 'http://localhost:5173' } });
		expect(error.hint).toBe(
			'Allow the page’s origin on the server, then ask again. Ollama: set OLLAMA_ORIGINS=http://localhost:5173 and restart it.',
		);
		const unknown = await failureOf(ask('http://localhost:9999/v1', { fetch: browser(present) }).reply);
		for (const words of ['llama.cpp', '--allowed-origins', 'OLLAMA_ORIGINS=http://localhost:5173']) {
			expect(unknown.hint).toContain(words);
		}
		const down = await failureOf(ask(other, { fetch: browser(absent) }).reply);
		expect(down.code).toBe('endpoint-unreachable');
		expect(down.message).toContain('Nothing answered');
		expect(down.hint).toContain('OLLAMA_ORIGINS');
	});

	it('is not reported as down by an isolated page, which cannot know', async () => {
		on('http://localhost:5173/', true);
		const error = await failureOf(ask(other, { fetch: browser(absent) }).reply);
		expect(error.message).toContain('does not allow this page');
	});

	it('is never asked by plain http from an https page', async () => {
		on('https://anchorage.example/');
		const fetch = browser(absent);
		const error = await failureOf(ask('http://192.168.1.7:8080/v1', { fetch }).reply);
		expect(error.code).toBe('endpoint-mixed-content');
		expect((await failureOf(ask(other, { fetch }).reply)).code).toBe('endpoint-unreachable');
	});

	it('is not assumed for the page’s own server', async () => {
		on('http://localhost:5173/');
		const error = await failureOf(ask('http://localhost:5173/v1', { fetch: browser(present) }).reply);
		expect(error.code).toBe('endpoint-unreachable');
		expect(error.hint).not.toContain('OLLAMA');
	});

	it('receives no key from the probing request', async () => {
		on('http://localhost:5173/');
		let probed: RequestInit | undefined;
		const send = (input: unknown, init?: RequestInit): Promise<Response> => {
			if (init?.mode === 'no-cors') probed = init;
			return browser(present)(input, init);
		};
		await failureOf(ask(other, { fetch: send }).reply);
		expect(probed).toMatchObject({ credentials: 'omit' });
		expect(JSON.stringify(probed)).not.toContain(KEY);
	});
});
