/** The list of a repository's files, from a hub that answers as documented, and from one that does not. */
import { afterEach, describe, expect, it } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import { readHubAddress } from '#runtime/models/hub/address.ts';
import { filesOf, openRepository, type HubRepository } from '#runtime/models/hub/repository.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { ModelDownload } from '#runtime/models/transfer/modelDownload.ts';
import { gitSha1, large, noise, REPOSITORY, serveHub, sha256, small, type HubServer } from './hubServer.ts';

const never = new AbortController().signal;
const BYTES = noise(500);
const CONFIG = '{"model_type":"llama"}';
let hub: HubServer | null = null;
afterEach(() => hub?.close());

async function start(): Promise<HubServer> {
	hub = await serveHub(
		new Map([
			['README.md', small('# Tiny')],
			['config.json', small(CONFIG)],
			['model.safetensors', large(BYTES)],
			['gguf/tiny Q8_0 #1-Q8_0.gguf', large(BYTES)],
		]),
	);
	return hub;
}

const open = (server: HubServer, name = REPOSITORY, signal = never): Promise<HubRepository> =>
	openRepository(readHubAddress(name, server.origin), { signal, waits: [1], patience: 2000 });

describe('openRepository', () => {
	it('pins the commit, and knows size and digest of each file', async () => {
		const server = await start();
		const repository = await open(server);
		const folder = `${server.origin}/${REPOSITORY}/resolve/${server.commit}/`;
		expect(repository).toMatchObject({
			name: REPOSITORY,
			page: `${server.origin}/${REPOSITORY}`,
			commit: server.commit,
			gated: false,
			folder,
		});
		expect(repository.files.get('config.json')).toEqual({
			path: 'config.json',
			address: `${folder}config.json`,
			size: CONFIG.length,
			digest: { algorithm: 'git-sha1', hex: gitSha1(Buffer.from(CONFIG)) },
		});
		expect(repository.files.get('model.safetensors')).toMatchObject({
			size: 500,
			digest: { algorithm: 'sha256', hex: sha256(BYTES) },
		});
		expect(repository.forms.map(({ kind }) => kind)).toEqual(['safetensors', 'gguf']);
	});

	it('loads the files of a form, also with a name that addresses must encode', async () => {
		const server = await start();
		const repository = await open(server);
		const [, gguf] = repository.forms;
		if (gguf === undefined) throw new Error('no GGUF');
		const files = filesOf(repository, gguf);
		const sources = await new ModelDownload(files, {
			title: repository.name,
			signal: never,
			cache: openFileCache(),
			onProgress: () => undefined,
			refusal: repository.refusal,
		}).start();
		const source = sources.get('gguf/tiny Q8_0 #1-Q8_0.gguf');
		expect(Buffer.from((await source?.read(0, 500)) ?? [])).toEqual(BYTES);
	});

	it('reads all pages of the list', async () => {
		const server = await start();
		server.pageSize = 2;
		expect([...(await open(server)).files.keys()]).toEqual([...server.files.keys()]);
		const queries = server.asked.map(({ path }) => path.split('?')[1] ?? '');
		expect(queries).toEqual(['', 'recursive=true', 'recursive=true&cursor=2', 'recursive=true&cursor=4']);
	});

	it('stays on its own origin if a mirror names the pages of the hub behind it', async () => {
		const server = await start();
		server.fault = ({ path }, response) => {
			if (path.endsWith('recursive=true'))
				response.setHeader('link', '<https://hub.invalid/api/x?recursive=true&cursor=5>; rel="next"');
			return false;
		};
		await open(server);
		expect(server.asked.at(-1)?.path).toBe(
			`/api/models/${REPOSITORY}/tree/${server.commit}?recursive=true&cursor=5`,
		);
	});

	it('leaves out files that leave the repository, or that are not described', async () => {
		const server = await start();
		server.fault = ({ path }, response) => {
			if (!path.includes('/tree/')) return false;
			const file = (one: string, size: unknown = 1): object => ({ type: 'file', path: one, size, oid: 'x' });
			const list = [
				file('../a'),
				file('/a'),
				file('a//b'),
				file('a\\b'),
				file('a\n'),
				file('b', -1),
				null,
				7,
			];
			response.end(JSON.stringify([...list, file('m-F16.gguf')]));
			return true;
		};
		const repository = await open(server);
		expect([...repository.files.values()]).toMatchObject([{ path: 'm-F16.gguf', digest: null }]);
	});
});

describe('a refusal', () => {
	const status =
		(code: number, headers = {}, content = '{}'): HubServer['fault'] =>
		(_request, response) => {
			response.writeHead(code, headers).end(content);
			return true;
		};

	it.each<[string, HubServer['fault'], string, RegExp, RegExp]>([
		[
			'of a gated model',
			status(403),
			'hub-gated',
			/only to users who asked/,
			/Ask for access.*\/owner\/tiny-model/,
		],
		[
			'by a code',
			status(401, { 'x-error-code': 'GatedRepo' }),
			'hub-gated',
			/only to users/,
			/Ask for access/,
		],
		['without a name', status(401), 'hub-not-found', /no repository owner\/tiny-model/, /Check the name/],
		['as missing', status(404), 'hub-not-found', /or it is not public/, /Check the name/],
		[
			'of too many requests',
			status(429, { 'retry-after': '290' }),
			'hub-rate-limited',
			/no more requests/,
			/Wait 290 seconds/,
		],
		['of a busy hub', status(503), 'hub-busy', /answered 503/, /Wait a few minutes/],
		[
			'by a login page',
			status(200, { 'content-type': 'text/html' }, '<html>'),
			'hub-answer',
			/web page/,
			/address/,
		],
		['by no JSON', status(200, {}, 'ok'), 'hub-answer', /no JSON/, /address/],
		['by another JSON', status(200, {}, '{"sha":"main"}'), 'hub-answer', /40 hexadecimal/, /address/],
		[
			'by a closed connection',
			(_request, response) => response.destroy().destroyed,
			'hub-unreachable',
			/could not be reached/,
			/CORS/,
		],
	])('%s is named, with what to do', async (_name, fault, code, message, hint) => {
		const server = await start();
		server.fault = fault;
		await expect(open(server)).rejects.toMatchObject({
			code,
			message: expect.stringMatching(message) as unknown,
			hint: expect.stringMatching(hint) as unknown,
		});
	});

	it('of a name or a revision that is not there', async () => {
		const server = await start();
		await expect(open(server, 'owner/other')).rejects.toMatchObject({ code: 'hub-not-found' });
		await expect(open(server, `${REPOSITORY}@v9`)).rejects.toMatchObject({
			code: 'hub-no-revision',
			message: 'owner/tiny-model has no branch, tag or commit named v9.',
		});
	});

	it('of a file of a gated model, whose list is public', async () => {
		const server = await start();
		const repository = await open(server);
		server.fault = status(401, { 'x-error-code': 'GatedRepo' });
		const download = new ModelDownload([...repository.files.values()], {
			title: repository.name,
			signal: never,
			onProgress: () => undefined,
			refusal: repository.refusal,
		});
		await expect(download.start()).rejects.toMatchObject({ code: 'hub-gated' });
	});

	it('that never ends its list is stopped', async () => {
		const server = await start();
		server.fault = ({ path }, response) => {
			if (!path.includes('/tree/')) return false;
			response.writeHead(200, { link: '<?cursor=1>; rel="next"' }).end('[]');
			return true;
		};
		await expect(open(server)).rejects.toMatchObject({ code: 'hub-listing-long' });
		expect(server.asked.length).toBe(51);
	});

	it('is asked again if it can pass, and stops with the signal', async () => {
		const server = await start();
		let busy = 1;
		server.fault = (request, response) => busy-- > 0 && status(503)(request, response);
		expect((await open(server)).name).toBe(REPOSITORY);
		await expect(open(server, REPOSITORY, AbortSignal.abort())).rejects.toBeInstanceOf(Cancelled);
	});
});
