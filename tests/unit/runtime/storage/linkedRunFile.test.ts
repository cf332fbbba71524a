/** Run files from a real server: the bytes, the progress, and the failures in words. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RUN_FILE_LIMITS } from '#core/run/runFile.ts';
import { fetchLinkedRunFile } from '#runtime/storage/linkedRunFile.ts';

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<string> {
	const server = createServer(listener);
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		server.close();
	}
});

const never = new AbortController().signal;
const get = (address: string, signal = never) => fetchLinkedRunFile(address, signal, () => undefined);

describe('a run file at an address', () => {
	it('arrives with its size, and without the page’s address or cookies', async () => {
		const seen: (string | undefined)[] = [];
		const origin = await serve(({ headers }, response) => {
			seen.push(headers.cookie, headers.referer);
			response.end(Buffer.from([1, 2, 3, 4]));
		});
		const progress: unknown[] = [];
		const fetched = await fetchLinkedRunFile(`${origin}/x`, never, (now) => progress.push(now));
		expect(fetched).toEqual({ bytes: new Uint8Array([1, 2, 3, 4]) });
		expect(progress[0]).toEqual({ done: 0, total: 4 });
		expect(progress.at(-1)).toEqual({ done: 4, total: 4 });
		expect(seen).toEqual([undefined, undefined]);
	});

	it.each([
		[404, /has no file at this address: it answered 404/],
		[403, /did not send the file: it answered 403/],
		[500, /did not send the file: it answered 500/],
	])('that answers %i is named as such', async (status, message) => {
		const origin = await serve((_, response) => response.writeHead(status).end('<b>no</b>'));
		await expect(get(`${origin}/x`)).rejects.toThrow(message);
	});

	it('at another origin is not read: its address is given', async () => {
		let asked = 0;
		const other = await serve((_, response) => {
			asked++;
			response.end('x');
		});
		const origin = await serve((_, response) => response.writeHead(302, { location: `${other}/y` }).end());
		expect(await get(`${origin}/x`)).toEqual({ movedTo: `${other}/y` });
		expect(asked).toBe(1);
	});

	it('that moved within its origin is followed', async () => {
		const origin = await serve(({ url }, response) =>
			url === '/x' ? response.writeHead(301, { location: '/y' }).end() : response.end('ok'),
		);
		expect(await get(`${origin}/x`)).toEqual({ bytes: new TextEncoder().encode('ok') });
	});

	it('that is too large is refused by its size, before it is read', async () => {
		const origin = await serve((_, response) => {
			response.writeHead(200, { 'content-length': String(RUN_FILE_LIMITS.packed + 1) });
			response.flushHeaders();
		});
		await expect(get(`${origin}/x`)).rejects.toMatchObject({ code: 'run-file-too-large' });
	});

	it('that breaks off says after how much', async () => {
		const origin = await serve((_, response) => {
			response.writeHead(200, { 'content-length': '100' });
			response.write('half', () => response.destroy());
		});
		await expect(get(`${origin}/x`)).rejects.toThrow(/broke off after 4 B/);
	});

	it('whose server is off is named as such, and a stop is no failure', async () => {
		const origin = await serve((_, response) => response.writeHead(200).flushHeaders());
		const stop = new AbortController();
		const stopped = fetchLinkedRunFile(`${origin}/x`, stop.signal, () => stop.abort());
		await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
		servers[0]?.closeAllConnections();
		servers[0]?.close();
		await expect(get(`${origin}/x`)).rejects.toThrow(/does not answer/);
	});

	it('that the server does not share with pages is named as such', async () => {
		// Node has no rule of origins: the first request fails as it does in a browser.
		const fetch = (_: string, init?: RequestInit) =>
			init?.mode === 'no-cors'
				? Promise.resolve(new Response())
				: Promise.reject(new TypeError('Failed to fetch'));
		const asked = fetchLinkedRunFile('https://a.example/x', never, () => undefined, fetch);
		await expect(asked).rejects.toThrow(/does not let other pages read its files \(CORS\)/);
	});
});
