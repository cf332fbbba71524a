/** A model on a static server, which lists no files. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { ModelDownload } from '#runtime/models/transfer/modelDownload.ts';
import { openWebFolder, type WebFolder, type WebFolderOptions } from '#runtime/models/web/webFolder.ts';
import { modelFolder } from './folder.ts';
import { noise } from './hubServer.ts';

const never = new AbortController().signal;
const BYTES = noise(300);
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	await Promise.all(closers.splice(0).map((close) => close()));
});

interface StaticServer {
	address: string;
	asked: string[];
	/** Answers a request itself and returns true. */
	fault: (method: string, name: string, response: ServerResponse) => boolean;
}

async function serve(files: ReadonlyMap<string, Buffer | string>): Promise<StaticServer> {
	const server = createServer((request, response) => {
		const name = decodeURIComponent((request.url ?? '').replace('/my%20model/', ''));
		const method = request.method ?? '';
		one.asked.push(`${method} ${name}`);
		if (one.fault(method, name, response)) return;
		const content = files.get(name.split('?')[0] ?? '');
		if (content === undefined) response.writeHead(404).end();
		else {
			const bytes = Buffer.from(content);
			response.writeHead(200, { 'content-length': String(bytes.length), etag: '"1"' }).end(bytes);
		}
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	closers.push(
		() =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	);
	const { port } = server.address() as AddressInfo;
	const one: StaticServer = {
		address: `http://127.0.0.1:${port}/my%20model/`,
		asked: [],
		fault: () => false,
	};
	return one;
}

const open = (address: string, options: Partial<WebFolderOptions> = {}): Promise<WebFolder> =>
	openWebFolder(address, { signal: never, cache: openFileCache(), waits: [1], ...options });

const indexOf = (...names: string[]): string =>
	JSON.stringify({ weight_map: Object.fromEntries(names.map((name, i) => [`tensor${i}`, name])) });

describe('openWebFolder', () => {
	it('finds one safetensors file, and loads the small files on the way', async () => {
		const server = await serve(
			new Map<string, Buffer | string>([
				['config.json', '{}'],
				['tokenizer.json', '{"a":1}'],
				['model.safetensors', BYTES],
			]),
		);
		const cache = openFileCache();
		const folder = await open(server.address.slice(0, -1), { cache, partSize: 4 });
		expect(folder.folder).toBe(server.address);
		expect(folder.name).toMatch(/^127\.0\.0\.1:\d+\/my model$/);
		expect(folder.forms).toMatchObject([
			{ kind: 'safetensors', paths: ['config.json', 'tokenizer.json', 'model.safetensors'], bytes: 309 },
		]);
		expect(folder.files.get('model.safetensors')).toMatchObject({ size: 300, digest: null, version: '"1"' });
		server.asked.length = 0;
		const sources = await new ModelDownload([...folder.files.values()], {
			title: folder.name,
			signal: never,
			cache,
			partSize: 4,
			onProgress: () => undefined,
		}).start();
		expect(server.asked).toEqual(['GET model.safetensors']);
		expect(new TextDecoder().decode(await sources.get('tokenizer.json')?.read(0, 7))).toBe('{"a":1}');
	});

	it('follows the index to several files', async () => {
		const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
		const server = await serve(
			new Map<string, Buffer | string>([
				['config.json', '{}'],
				['model.safetensors.index.json', indexOf(...names, ...names)],
				...names.map((name) => [name, BYTES] as const),
			]),
		);
		expect((await open(server.address)).forms).toMatchObject([{ kind: 'safetensors', weights: names }]);
		expect(server.asked.filter((asked) => asked.startsWith('HEAD'))).toEqual(
			names.map((name) => `HEAD ${name}`),
		);
	});

	it('finds MLC’s folder with the sizes and digests of its shards', async () => {
		const server = await serve(modelFolder());
		const { forms, files } = await open(server.address);
		expect(forms[0]).toMatchObject({ kind: 'mlc', tensorCache: 'tensor-cache.json' });
		expect(forms[0]?.paths).toContain('params_shard_1.bin');
		expect(files.get('params_shard_1.bin')).toMatchObject({ size: 12, digest: { algorithm: 'md5' } });
	});

	it('takes a GGUF file by its own address, with its query and all its splits', async () => {
		const server = await serve(
			new Map([
				['m-F16-00001-of-00002.gguf', BYTES],
				['m-F16-00002-of-00002.gguf', BYTES],
			]),
		);
		const { forms, files } = await open(`${server.address}m-F16-00001-of-00002.gguf?sig=1`);
		expect(forms).toMatchObject([{ kind: 'gguf', quantization: 'F16', bytes: 600 }]);
		expect([...files.values()].map(({ address }) => address)).toEqual([
			`${server.address}m-F16-00001-of-00002.gguf?sig=1`,
			`${server.address}m-F16-00002-of-00002.gguf?sig=1`,
		]);
	});

	it('asks with GET if the server refuses HEAD, and again if it is busy', async () => {
		const server = await serve(new Map([['m-Q8_0.gguf', BYTES]]));
		let busy = 1;
		server.fault = (method, name, response) => {
			const status = method === 'HEAD' ? 405 : name === 'm-Q8_0.gguf' && busy-- > 0 ? 503 : null;
			if (status !== null) response.writeHead(status).end();
			return status !== null;
		};
		const { files } = await open(`${server.address}m-Q8_0.gguf`);
		expect(files.get('m-Q8_0.gguf')?.size).toBe(300);
	});
});

describe('a folder that is none', () => {
	it('on a server that answers every address with its page says what is missing', async () => {
		const server = await serve(new Map());
		server.fault = (_method, _name, response) => {
			response.writeHead(200, { 'content-type': 'text/html', 'content-length': '6' }).end('<html>');
			return true;
		};
		await expect(open(server.address)).rejects.toMatchObject({ code: 'model-form-unknown' });
	});

	it.each<[string, StaticServer['fault'], string]>([
		[
			'whose sizes are unknown',
			(_method, _name, response) => !!response.writeHead(200).end('x'),
			'model-size-unknown',
		],
		['that needs a login', (_method, _name, response) => !!response.writeHead(401).end(), 'model-refused'],
		['that does not answer', (_method, _name, response) => response.destroy().destroyed, 'model-unreachable'],
	])('%s is named', async (_name, fault, code) => {
		const server = await serve(new Map());
		server.fault = (method, name, response) =>
			(code !== 'model-size-unknown' || name.endsWith('gguf')) && fault(method, name, response);
		await expect(open(`${server.address}a.gguf`)).rejects.toMatchObject({
			code,
			hint: expect.stringMatching(/./) as unknown,
		});
	});

	it.each([
		'{}',
		'{"weight_map":{"a":"../x.safetensors"}}',
		'{"weight_map":{"a":"https://x/y.safetensors"}}',
	])('with the index %s is named', async (index) => {
		const server = await serve(new Map([['model.safetensors.index.json', index]]));
		await expect(open(server.address)).rejects.toMatchObject({ code: 'model-index-invalid' });
	});

	it.each(['', 'x', 'ftp://x/y', 'http://a:b@x/y/', 'http://x/%E0%A4%A/'])(
		'at “%s” is refused',
		async (address) => {
			await expect(open(address)).rejects.toMatchObject({ code: 'web-folder-address' });
		},
	);

	it('stops with the signal', async () => {
		const server = await serve(new Map());
		await expect(open(server.address, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(Cancelled);
	});
});
