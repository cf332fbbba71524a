/** Base URLs as users type them. */
import { describe, expect, it } from 'vitest';
import { parseBaseUrl, requestUrl } from '#runtime/endpoint/address.ts';
import { openAiChatModel } from '#runtime/endpoint/openaiChat.ts';
import { ask, failureOf, KEY, never, request, start } from './asking.ts';
import { body, completion, json, type Handler } from './server.ts';

describe('addresses', () => {
	it.each<[string, Handler]>([
		['404', (response) => json(response, {}, 404)],
		['a page', body('<!doctype html><title>App</title>', 'text/html')],
		['an error with status 200', body('{"error":"Unexpected endpoint or method."}')],
		['something else', body('Ollama is running', 'text/plain')],
	])('a base URL without /v1, answered with %s, is completed once', async (_name, wrong) => {
		const server = await start((response, asked, count) =>
			asked.path.startsWith('/v1/') ? json(response, completion('ok')) : wrong(response, asked, count),
		);
		const { origin } = new URL(server.baseUrl);
		const model = openAiChatModel({ baseUrl: origin, apiKey: KEY, model: 'm' });
		const { text, notes } = await model.complete(request, never);
		expect(text).toBe('ok');
		expect(notes).toEqual([`The base URL was completed: requests go to ${origin}/v1.`]);
		await model.complete(request, never);
		expect(server.asked.map(({ path }) => path)).toEqual([
			'/chat/completions',
			'/v1/chat/completions',
			'/v1/chat/completions',
		]);
	});

	it('a request that is refused after another one found the base URL is asked there', async () => {
		let refuseLate = (): void => undefined;
		const server = await start((response, { path }, count) => {
			const refuse = (): void => json(response, {}, 404);
			if (path.startsWith('/v1/')) json(response, completion('ok'));
			else if (count === 1) refuseLate = refuse;
			else refuse();
		});
		const { origin } = new URL(server.baseUrl);
		const model = openAiChatModel({ baseUrl: origin, apiKey: KEY, model: 'm', maxRetries: 0 });
		const late = model.complete(request, never);
		await expect.poll(() => server.asked.length).toBe(1);
		await expect(model.complete(request, never)).resolves.toMatchObject({ text: 'ok' });
		refuseLate();
		await expect(late).resolves.toMatchObject({ text: 'ok' });
	});

	it('a request that is refused at every base URL, one of which another request found meanwhile, is asked there', async () => {
		let refuseLate: (() => void) | null = null;
		const server = await start((response, { path }) => {
			const refuse = (): void => json(response, {}, 404);
			if (!path.startsWith('/v1/')) refuse();
			else if (refuseLate === null) refuseLate = refuse;
			else json(response, completion('ok'));
		});
		const { origin } = new URL(server.baseUrl);
		const model = openAiChatModel({ baseUrl: origin, apiKey: KEY, model: 'm', maxRetries: 0 });
		const late = model.complete(request, never);
		await expect.poll(() => server.asked.length).toBe(2);
		await expect(model.complete(request, never)).resolves.toMatchObject({ text: 'ok' });
		(refuseLate as (() => void) | null)?.();
		await expect(late).resolves.toMatchObject({ text: 'ok' });
	});

	it('a base URL that leads nowhere is reported as it was given', async () => {
		const server = await start((response) => json(response, { error: 'nothing here' }, 404));
		const { origin } = new URL(server.baseUrl);
		const error = await failureOf(ask(`${origin}/api`, { maxRetries: 3 }).reply);
		expect(error).toMatchObject({ code: 'endpoint-not-found', context: { url: `${origin}/api` } });
		expect(error.hint).toContain('/v1');
		expect(server.asked).toHaveLength(3);
	});

	it('Azure’s version goes with every request, and the key into Azure’s header', async () => {
		const server = await start((response) => json(response, completion('ok')));
		const azure = server.baseUrl.replace('/v1', '/openai/deployments/d?api-version=2024-10-21&key=x');
		await ask(azure).reply;
		expect(server.asked[0]?.path).toBe('/openai/deployments/d/chat/completions?api-version=2024-10-21');
		expect(server.asked[0]?.headers).toMatchObject({ 'api-key': KEY });
		expect(server.asked[0]?.headers.authorization).toBeUndefined();
	});

	it.each([
		['localhost:11434/v1', 'http://localhost:11434/v1'],
		['127.0.0.1:8080', 'http://127.0.0.1:8080/'],
		['192.168.1.7:8080/v1/', 'http://192.168.1.7:8080/v1'],
		['[::1]:8080/v1', 'http://[::1]:8080/v1'],
		['gpu-box:8000/v1', 'http://gpu-box:8000/v1'],
		['api.example.org/v1', 'https://api.example.org/v1'],
		['api.example.org:8443/v1', 'https://api.example.org:8443/v1'],
		['me:secret@api.example.org/v1?key=secret', 'https://api.example.org/v1'],
		[' “https://api.example.org/v1/chat/completions” ', 'https://api.example.org/v1'],
		['https://api.example.org/v1\u200b', 'https://api.example.org/v1'],
		['https://api.example.org/v1/completions/', 'https://api.example.org/v1'],
		['base_url="http://localhost:11434/v1",', 'http://localhost:11434/v1'],
		['http://localhost:11434/api/chat', 'http://localhost:11434/'],
		['http://localhost:11434/api/tags', 'http://localhost:11434/'],
		['https://api.example.org//v1//chat/completions', 'https://api.example.org/v1'],
	])('reads %j', (text, href) => {
		expect(parseBaseUrl(text).href).toBe(href);
	});

	it.each([
		'embedded',
		'https',
		'https//api.example.org',
		'htp://x.org',
		'mailto:me@x.org',
		'javascript:alert(1)',
		'gpt',
		'://',
	])('refuses %j', (text) => {
		expect(() => parseBaseUrl(text)).toThrow(/not an address/);
	});

	it('resolves a path against the page', () => {
		expect(parseBaseUrl('/v1', 'https://page.example/app/').href).toBe('https://page.example/v1');
	});

	it('appends a path before the query', () => {
		expect(requestUrl(parseBaseUrl('https://x.org/?api-version=1'), '/models')).toBe(
			'https://x.org/models?api-version=1',
		);
	});
});
