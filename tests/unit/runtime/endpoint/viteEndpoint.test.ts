import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createServer, preview, type InlineConfig } from 'vite';
import { revisionRequest } from '#core/revision/request.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { EMBEDDED_MODEL } from '#runtime/endpoint/embedded.ts';
import { embeddedModel, findEmbeddedEndpoint } from '#runtime/endpoint/inPage.ts';
import { embeddedEndpoint } from '../../../../scripts/vite-endpoint.ts';
import { serve } from './server.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'anchorage-endpoint-'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
const common = (): InlineConfig => ({
	configFile: false,
	root: folder,
	logLevel: 'silent',
	plugins: [embeddedEndpoint({ idleMs: 200, totalMs: 1000 })],
});
afterAll(() => rmSync(folder, { recursive: true }));

async function startDev(): Promise<{ url: string; close: () => Promise<void> }> {
	const server = await createServer({
		...common(),
		server: { port: 0, host: '127.0.0.1', hmr: false, ws: false },
	});
	await server.listen();
	return { url: addressOf(server.httpServer?.address()), close: () => server.close() };
}

async function startPreview(): Promise<{ url: string; close: () => Promise<void> }> {
	const server = await preview({
		...common(),
		build: { outDir: folder },
		preview: { port: 0, host: '127.0.0.1' },
	});
	return { url: addressOf(server.httpServer.address()), close: () => server.close() };
}

function addressOf(address: string | AddressInfo | null | undefined): string {
	return `http://127.0.0.1:${(address as AddressInfo).port}/`;
}

describe.each([
	['dev', startDev],
	['preview', startPreview],
])('the embedded reviser on the %s server', (_name, start) => {
	let server: Awaited<ReturnType<typeof start>>;
	beforeAll(async () => {
		server = await start();
	}, 30_000);
	afterAll(() => server.close());

	it('is found by the page and answers over HTTP, streaming or not', async () => {
		const endpoint = await findEmbeddedEndpoint(`${server.url}index.html`, never);
		expect(endpoint).toMatchObject({ where: 'server', baseUrl: `${server.url}v1` });
		const reviser = embeddedModel(endpoint);
		const [prompt] = worldPrompts({ count: 1, seed: 5, split: 'train' });
		const request = {
			messages: revisionRequest(prompt?.text ?? '', 'no idea'),
			sampling: { temperature: 0.7, topP: 1, maxTokens: 512, seed: 1 },
		};
		const whole = await reviser.complete(request, never);
		expect(whole.text).toContain('{corrected_student_solution}:');
		const seen: string[] = [];
		await reviser.complete(request, never, (text) => seen.push(text));
		expect(seen.at(-1)).toBe(whole.text);
	});

	it('answers errors in OpenAI’s form', async () => {
		const response = await fetch(`${server.url}v1/chat/completions`, {
			method: 'POST',
			headers: JSON_TYPE,
			body: '{',
		});
		expect(response.status).toBe(400);
		await expect(response.json()).resolves.toMatchObject({ error: { code: 'invalid_json' } });
		expect((await fetch(`${server.url}v1/nothing`)).status).toBe(404);
	});

	it('refuses a body larger than any request', async () => {
		const body = JSON.stringify({ model: EMBEDDED_MODEL, messages: [], filler: 'x'.repeat(1_100_000) });
		const status = await new Promise((resolve, reject) => {
			const sent = httpRequest(
				`${server.url}v1/chat/completions`,
				{ method: 'POST', headers: { 'content-length': body.length } },
				(response) => {
					response.resume();
					resolve(response.statusCode);
				},
			);
			sent.on('error', reject);
			sent.end(body);
		});
		expect(status).toBe(413);
	});
});

/** Sends a request as it is; fetch would correct it. Resolves with the status, or null if the server closed. */
function raw(
	url: string,
	path: string,
	options: RequestOptions & { body?: string; complete?: boolean } = {},
): Promise<number | null> {
	const { body, complete = true, ...rest } = options;
	return new Promise((resolve) => {
		const sent = httpRequest(url, { path, ...rest }, (response) => {
			response.resume();
			resolve(response.statusCode ?? null);
		});
		sent.on('error', () => resolve(null));
		if (body !== undefined) sent.write(body);
		if (complete) sent.end();
	});
}

describe.each([
	['dev', startDev],
	['preview', startPreview],
])('hostile requests to the %s server', (_name, start) => {
	let server: Awaited<ReturnType<typeof start>>;
	beforeAll(async () => {
		server = await start();
	}, 30_000);
	afterAll(() => server.close());
	/** Every answer to a hostile request is followed by one to a good request. */
	afterEach(async () => {
		expect((await fetch(`${server.url}v1/models`)).status).toBe(200);
	});

	const chat = '/v1/chat/completions';
	const post = (headers: Record<string, string>): Promise<number | null> =>
		raw(server.url, chat, { method: 'POST', headers, body: '{}' });

	it.each([
		'text/plain',
		'application/x-www-form-urlencoded',
		'multipart/form-data; boundary=x',
		'jsonx',
		'',
	])('takes no %j, which other pages can send without asking', async (type) => {
		expect(await post(type === '' ? {} : { 'content-type': type })).toBe(415);
	});

	it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
		'takes %s',
		async (type) => {
			expect(await post({ 'content-type': type })).toBe(400);
		},
	);

	it.each([
		{ origin: 'https://evil.example' },
		{ origin: 'null' },
		{ origin: 'http://127.0.0.1:1' },
		{ origin: 'file://' },
		{ 'sec-fetch-site': 'cross-site' },
	])('refuses %j', async (headers) => {
		expect(await post({ ...JSON_TYPE, ...headers })).toBe(403);
		expect(await raw(server.url, '/v1/models', { headers })).toBe(403);
	});

	it('accepts its own origin', async () => {
		const { origin } = new URL(server.url);
		expect(await post({ ...JSON_TYPE, origin, 'sec-fetch-site': 'same-origin' })).toBe(400);
	});

	it.each(['TRACE', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'])('answers %s with 405', async (method) => {
		expect(await raw(server.url, chat, { method })).toBe(405);
	});

	it.each(['/v1//[', '/v1//[x/chat/completions', '/v1///'])('answers %s with 400', async (path) => {
		expect(await raw(server.url, path)).toBe(400);
	});

	it.each(['/v1/%', '/v1/%ff', '/v1/..%2f', '/v1/?x=[', '/v1/[', '/v1'])(
		'answers %s with 404',
		async (path) => {
			expect(await raw(server.url, path)).toBe(404);
		},
	);

	it('closes a body that stalls', async () => {
		const headers = { ...JSON_TYPE, 'content-length': '500' };
		expect(await raw(server.url, chat, { method: 'POST', headers, body: '{', complete: false })).toBe(408);
	});

	it('closes a body that announces too much', async () => {
		const headers = { ...JSON_TYPE, 'content-length': '2000000' };
		expect(await raw(server.url, chat, { method: 'POST', headers, body: '{', complete: false })).toBe(413);
	});

	it('closes a body of unknown length that grows too large', async () => {
		const headers = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };
		const body = ' '.repeat(1_100_000);
		expect(await raw(server.url, chat, { method: 'POST', headers, body, complete: false })).toBe(413);
	});

	it('survives a client that disconnects', async () => {
		const sent = httpRequest(server.url, {
			path: chat,
			method: 'POST',
			headers: { ...JSON_TYPE, 'content-length': '9' },
		});
		const closed = new Promise<void>((resolve) => sent.on('close', () => resolve()));
		sent.on('error', () => undefined);
		sent.write('{', () => sent.destroy());
		await closed;
	});
});

describe('static hosting', () => {
	it('calls the reviser within the page if the server has none', async () => {
		const files = await serve((response) => {
			// A host of single-page apps answers an unknown address like this.
			response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
		});
		const endpoint = await findEmbeddedEndpoint(files.baseUrl, never);
		await files.close();
		expect(endpoint.where).toBe('page');
		const reply = await embeddedModel(endpoint).complete(
			{
				messages: revisionRequest('Not of this world', 'x'),
				sampling: { temperature: 0.7, topP: 1, maxTokens: 64, seed: 1 },
			},
			never,
		);
		expect(reply.text).toMatch(/^I cannot revise/);
	});
});
