/** Another origin for weights: a mirror or an own server is checked, then names of repositories are looked up there. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { tinyFolder } from '#tests/support/tinyModel.ts';
import { Caches } from './caches.ts';
import { REPOSITORY, serveHub, type HubFile, type HubServer } from './hubServer.ts';

const never = new AbortController().signal;
const keeper = (caches = new Caches()): LocalModelKeeper =>
	new LocalModelKeeper({ cache: openFileCache(caches), transfer: { waits: [] }, asking: { waits: [] } });
let hub: HubServer;
let others: Server[] = [];

beforeEach(async () => {
	const files = new Map<string, HubFile>();
	for (const { path, file } of tinyFolder('x'))
		files.set(path.slice(2), {
			bytes: Buffer.from(await file.arrayBuffer()),
			isLarge: path.endsWith('.safetensors'),
		});
	hub = await serveHub(files);
});
afterEach(async () => {
	await hub.close();
	for (const server of others) await new Promise((resolve) => server.close(resolve));
	others = [];
});

async function serve(listener: RequestListener): Promise<string> {
	const server = createServer(listener);
	others.push(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a hub that lacks the catalogue’s smallest model is a hub, too; its address loses spaces and slashes', async () => {
	expect(await keeper().checkHub(` ${hub.origin}/ `, never)).toBe(hub.origin);
});

test('a server of web pages, and an address that nothing answers, are refused in words', async () => {
	const pages = await serve((_, response) =>
		response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
	);
	await expect(keeper().checkHub(pages, never)).rejects.toMatchObject({ code: 'hub-answer' });
	const missing = await serve((_, response) => response.writeHead(404).end('no'));
	await expect(keeper().checkHub(missing, never)).rejects.toThrow(
		/does not answer as a hub: .* answered 404/,
	);
	const refused = await serve(() => undefined);
	await new Promise((resolve) => others.pop()?.close(resolve));
	await expect(keeper().checkHub(refused, never)).rejects.toMatchObject({ code: 'hub-unreachable' });
	await expect(keeper().checkHub('not an address', never)).rejects.toMatchObject({ code: 'hub-address' });
});

test('a name is looked up, downloaded and checked on the mirror; the model’s id names no mirror', async () => {
	const caches = new Caches();
	const place = { kind: 'address', text: REPOSITORY, hub: hub.origin } as const;
	const model = await keeper(caches).keep(place, 'safetensors', () => undefined).finished;
	expect(model.source.id).toBe(`${REPOSITORY}@${hub.commit}:safetensors`);
	expect(hub.asked.every(({ path }) => path !== '')).toBe(true);
});

test('a file of the mirror that is not the listed one is refused by its hash', async () => {
	const weights = hub.files.get('model.safetensors');
	hub.fault = ({ file }, response) => {
		if (file !== 'model.safetensors') return false;
		response.writeHead(200).end(Buffer.alloc(weights?.bytes.length ?? 0));
		return true;
	};
	const place = { kind: 'address', text: REPOSITORY, hub: hub.origin } as const;
	await expect(keeper().keep(place, 'safetensors', () => undefined).finished).rejects.toMatchObject({
		kind: expect.any(String) as string,
		code: expect.stringMatching(/digest|damaged|hash|changed/) as string,
	});
});

test('a download that ended goes on at the mirror that is set then', async () => {
	hub.fault = ({ file }, response) => {
		if (file !== 'model.safetensors') return false;
		response.writeHead(503).end();
		return true;
	};
	const caches = new Caches();
	const place = { kind: 'address', text: REPOSITORY, hub: hub.origin } as const;
	await keeper(caches)
		.keep(place, 'safetensors', () => undefined)
		.finished.catch(() => undefined);
	const [left] = (await keeper(caches).shelf()).unfinished;
	expect(left?.place).toEqual({ kind: 'address', text: `${REPOSITORY}@${hub.commit}` });
});

test('two tabs never add one model at once, and a model that a run uses is not deleted', async () => {
	const caches = new Caches();
	const place = { kind: 'address', text: REPOSITORY, hub: hub.origin } as const;
	const held: string[] = [];
	const first = keeper(caches).keep(place, 'safetensors', () => undefined);
	const second = keeper(caches).keep(place, 'safetensors', () => undefined);
	const results = await Promise.allSettled([first.finished, second.finished]);
	for (const result of results)
		held.push(result.status === 'rejected' ? (result.reason as { code: string }).code : 'added');
	expect(held.sort()).toEqual(['added', 'model-elsewhere']);
});
