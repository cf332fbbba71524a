import { describe, expect, it } from 'vitest';
import { Cancelled, RemoteError, toWire } from '#core/errors.ts';
import { listModels } from '#runtime/endpoint/modelList.ts';
import { openAiChatModel } from '#runtime/endpoint/openaiChat.ts';
import { ask, failureOf, KEY, never, request, start } from './asking.ts';
import { completion, delta, event, json } from './server.ts';

describe('a server that answers', () => {
	it('sends model, messages and sampling, and reads text, tokens and finish reason', async () => {
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

	it('sends no authorization without a key', async () => {
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

	it('returns a reply without a marker unchanged', async () => {
		const server = await start((response) => json(response, completion('Looks good to me!')));
		await expect(ask(server.baseUrl).reply).resolves.toMatchObject({ text: 'Looks good to me!' });
	});

	it('replaces a field that a model refused: the newer name of the token limit', async () => {
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
		await expect(listModels(server.baseUrl, KEY, never)).resolves.toMatchObject([{ id: 'a' }, { id: 'b' }]);
		expect(server.asked[0]?.path).toBe('/v1/models');
	});
});

describe('a server that streams', () => {
	it('passes on the accumulated text', async () => {
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

	it('accepts a single JSON body from a server that cannot stream', async () => {
		const server = await start((response) => json(response, completion('whole')));
		const seen: string[] = [];
		await ask(server.baseUrl, { onText: (text) => seen.push(text) }).reply;
		expect(seen).toEqual(['whole']);
	});

	it('reports a stream without a finish reason as cut off', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.end(event(delta('I go')));
		});
		const error = await failureOf(ask(server.baseUrl, { onText: () => undefined }).reply);
		expect(error).toMatchObject({ code: 'endpoint-cut-off', context: { received: 4 } });
	});

	it('reads an error within a stream', async () => {
		const server = await start((response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.end(event({ error: { message: 'out of memory', code: 500 } }));
		});
		const error = await failureOf(ask(server.baseUrl, { onText: () => undefined }).reply);
		expect(error.code).toBe('endpoint-server-error');
		expect(error.message).toContain('out of memory');
	});

	it('aborts a stream that stops sending', async () => {
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

describe('stopping', () => {
	it('ends a request in flight', async () => {
		const stop = new AbortController();
		const server = await start(() => stop.abort());
		const { reply } = ask(server.baseUrl, { signal: stop.signal, maxRetries: 3 });
		await expect(reply).rejects.toBeInstanceOf(Cancelled);
		expect(server.asked).toHaveLength(1);
	});

	it('ends a wait between two attempts', async () => {
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
