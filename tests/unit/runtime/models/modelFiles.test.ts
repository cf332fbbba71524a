import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Cancelled, FormatError, StorageError } from '#core/errors.ts';
import type { Progress } from '#core/ports.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { openFileCache, webLlmFolder, type FileCache } from '#runtime/models/fileCache.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { prepareForWebLlm, type WebLlmFiles } from '#runtime/models/webLlmFiles.ts';
import { withTensors } from '#tests/support/modelTensors.ts';
import { modelFolder, serveFolder, withManifest, type FolderServer } from './folder.ts';

const never = new AbortController().signal;
const servers: FolderServer[] = [];
afterEach(async () => {
	await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(
	files: Map<string, Buffer>,
	answer?: (name: string, response: ServerResponse) => boolean,
): Promise<FolderServer> {
	const server = await serveFolder(files, answer);
	servers.push(server);
	return server;
}

function load(
	server: FolderServer,
	cache: FileCache = openFileCache(),
	signal = never,
	onProgress: (progress: Progress) => void = () => undefined,
): ReturnType<typeof withTensors> {
	return loadModelFiles(server.source, onProgress, signal, { cache, waits: [0, 0] }).then(withTensors);
}

function prepare({ source }: FolderServer, cache: FileCache): Promise<WebLlmFiles> {
	return prepareForWebLlm({ source, loraRank: 16, onProgress: () => undefined, signal: never }, { cache });
}

describe('loadModelFiles', () => {
	it('reads configuration, tokenizer and tensors, and leaves the empty LoRA records out', async () => {
		const server = await start(withManifest(modelFolder()));
		const files = await load(server);
		expect(files.config).toMatchObject({ architecture: 'llama', hiddenSize: 4, headDim: 2, vocabSize: 3 });
		expect(files.tokenizerConfig).toEqual({ eos_token: 'x' });
		expect([...files.tensors.keys()].sort()).toEqual(['a.weight', 'b.weight', 'c.weight', 'd.weight']);
		expect(files.tensors.get('a.weight')).toEqual({
			shape: [2, 3],
			data: Float32Array.of(1, -2, 0.5, 3, 4, 5),
		});
		expect(files.tensors.get('b.weight')).toMatchObject({
			data: Uint16Array.of(0x3f80, 0xc000),
			format: 'bf16',
		});
		expect(files.tensors.get('c.weight')?.data).toEqual(Uint16Array.of(0x3c00, 0xc000, 1, 0x7c00));
		expect(files.tensors.get('d.weight')?.data).toEqual(Float32Array.of(7));
	});

	it('reports progress to the last byte', async () => {
		const server = await start(withManifest(modelFolder()));
		const seen: Progress[] = [];
		await load(server, openFileCache(), never, (progress) => seen.push(progress));
		const last = seen.at(-1);
		expect(last?.done).toBe(last?.total);
		expect(last?.total).toBeGreaterThan(48);
		expect(seen.every((progress, i) => i < 2 || progress.done >= (seen[i - 1]?.done ?? 0))).toBe(true);
	});

	it('downloads once: the second time it requests only the manifest', async () => {
		const server = await start(withManifest(modelFolder()));
		const cache = openFileCache();
		await load(server, cache);
		server.asked.length = 0;
		const again = await load(server, cache);
		expect(server.asked).toEqual(['manifest.json']);
		expect(again.tensors.size).toBe(4);
	});

	it('shares its download with WebLLM', async () => {
		const server = await start(withManifest(modelFolder()));
		const cache = openFileCache();
		const files = await prepare(server, cache);
		expect(new TextDecoder().decode(files.library)).toBe('\0asm');
		expect(files.folder).toBe(`${server.source.url}resolve/main/`);
		const kept = await cache.read('webllm/model', `${files.folder}params_shard_1.bin`);
		expect(kept?.bytes.length).toBe(12);
		expect(await cache.read('webllm/config', `${files.folder}mlc-chat-config.json`)).not.toBeNull();
		server.asked.length = 0;
		await load(server, cache);
		expect(server.asked).toEqual(['manifest.json', 'tokenizer_config.json']);
	});

	it('uses a new build when the manifest has changed', async () => {
		const files = withManifest(modelFolder());
		const server = await start(files);
		const cache = openFileCache();
		await load(server, cache);
		const newer = modelFolder();
		newer.set('tokenizer_config.json', Buffer.from('{"eos_token":"new"}'));
		for (const [name, bytes] of withManifest(newer)) files.set(name, bytes);
		server.asked.length = 0;
		const again = await load(server, cache);
		expect(again.tokenizerConfig).toEqual({ eos_token: 'new' });
		expect(server.asked).toEqual(['manifest.json', 'tokenizer_config.json']);
	});

	it('replaces a damaged cached file', async () => {
		const server = await start(withManifest(modelFolder()));
		const cache = openFileCache();
		await load(server, cache);
		await cache.write('webllm/model', `${webLlmFolder(server.source.url)}params_shard_1.bin`, {
			bytes: new Uint8Array(12),
			digest: '',
		});
		server.asked.length = 0;
		const again = await load(server, cache);
		expect(again.tensors.get('d.weight')?.data).toEqual(Float32Array.of(7));
		expect(server.asked).toEqual(['manifest.json', 'params_shard_1.bin']);
	});

	it('uses cached files when the server is unreachable', async () => {
		const server = await start(withManifest(modelFolder()));
		const cache = openFileCache();
		await load(server, cache);
		await server.close();
		const again = await load(server, cache);
		expect(again.tensors.size).toBe(4);
	});

	it('works without space in the cache, but WebLLM does not', async () => {
		const server = await start(withManifest(modelFolder()));
		const full: FileCache = {
			read: () => Promise.resolve(null),
			open: () => Promise.resolve(null),
			store: () => Promise.reject(new Error('no room')),
			hold: () => Promise.resolve(),
			write: () => Promise.reject(new StorageError('No room on this machine.', { code: 'model-cache-full' })),
			remove: () => Promise.resolve(),
			has: () => Promise.resolve(false),
			held: () => 0,
			storeHeld: () => Promise.resolve(),
			keys: () => Promise.resolve([]),
		};
		expect((await load(server, full)).tensors.size).toBe(4);
		await expect(prepare(server, full)).rejects.toMatchObject({ code: 'model-cache-full' });
	});

	it('stops when the user stops, and keeps the complete files', async () => {
		const stop = new AbortController();
		const server = await start(withManifest(modelFolder()), (name) => {
			if (name === 'params_shard_1.bin') stop.abort();
			return name === 'params_shard_1.bin';
		});
		const cache = openFileCache();
		await expect(load(server, cache, stop.signal)).rejects.toBeInstanceOf(Cancelled);
		const kept = await cache.read('webllm/model', `${webLlmFolder(server.source.url)}tokenizer.json`);
		expect(kept).not.toBeNull();
	});
});

describe('a faulty folder', () => {
	const cases: [string, (files: Map<string, Buffer>) => void, string, RegExp][] = [
		[
			'a shard with one bit changed',
			(files) => files.get('params_shard_0.bin')?.writeUInt8(1, 3),
			'shard-hash-mismatch',
			/params_shard_0\.bin is damaged/,
		],
		[
			'a shard cut short',
			(files) => files.set('params_shard_1.bin', Buffer.alloc(7)),
			'shard-truncated',
			/params_shard_1\.bin has 7 bytes instead of 12/,
		],
		[
			'a missing shard',
			(files) => files.delete('params_shard_1.bin'),
			'model-file-missing',
			/params_shard_1\.bin/,
		],
		[
			'another tokenizer',
			(files) => files.set('tokenizer.json', Buffer.from('{"model":[]}')),
			'shard-hash-mismatch',
			/tokenizer\.json/,
		],
	];
	it.each(cases)('names %s', async (_name, damage, code, message) => {
		const files = new Map(
			[...withManifest(modelFolder())].map(([name, bytes]) => [name, Buffer.from(bytes)]),
		);
		damage(files);
		const server = await start(files);
		const error = await load(server).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ code, message: expect.stringMatching(message) as unknown });
	});

	it('names a web page in place of a shard', async () => {
		const server = await start(withManifest(modelFolder()), (name, response) => {
			if (name !== 'params_shard_0.bin') return false;
			response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html>');
			return true;
		});
		await expect(load(server)).rejects.toMatchObject({ code: 'model-file-html' });
	});

	it('names a download that breaks off every time', async () => {
		const server = await start(withManifest(modelFolder()), (name, response) => {
			if (name !== 'params_shard_0.bin') return false;
			response.writeHead(200, { 'content-length': '36' });
			response.write('abc', () => response.destroy());
			return true;
		});
		const cache = openFileCache();
		await expect(load(server, cache)).rejects.toMatchObject({ code: 'model-cut-off' });
		expect(server.asked.filter((name) => name === 'params_shard_0.bin')).toHaveLength(3);
		const key = `${webLlmFolder(server.source.url)}params_shard_0.bin`;
		expect(await cache.read('webllm/model', key)).toBeNull();
	});

	it('names an invalid manifest', async () => {
		const files = withManifest(modelFolder()).set('manifest.json', Buffer.from('{"files":3}'));
		await expect(load(await start(files))).rejects.toMatchObject({ code: 'manifest-invalid' });
		files.set('manifest.json', Buffer.from('{'));
		await expect(load(await start(files))).rejects.toMatchObject({ code: 'model-file-not-json' });
	});

	it('reports a server that does not answer', async () => {
		const server = await start(new Map());
		await server.close();
		await expect(load(server)).rejects.toMatchObject({ code: 'model-unreachable' });
	});

	it('names integers that are no quantised matrix', async () => {
		const files = modelFolder();
		const text = files
			.get('tensor-cache.json')
			?.toString()
			.replace('"float32","format":"raw"', '"uint32","format":"raw"');
		files.set('tensor-cache.json', Buffer.from(text ?? ''));
		const error = await load(await start(files)).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(FormatError);
		expect(error).toMatchObject({ code: 'tensor-unsupported', context: { name: 'a.weight' } });
	});
});

describe('a published folder, without a manifest', () => {
	it('is checked by the MD5 sums of its tensor cache', async () => {
		const files = modelFolder();
		expect((await load(await start(files))).tensors.size).toBe(4);
		files.set('params_shard_1.bin', Buffer.alloc(12));
		await expect(load(await start(files))).rejects.toMatchObject({
			code: 'shard-hash-mismatch',
			context: { algorithm: 'md5', file: 'params_shard_1.bin' },
		});
	});

	it('may be on a server that answers every address with its page', async () => {
		const server = await start(modelFolder(), (name, response) => {
			if (name !== 'manifest.json') return false;
			response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
			return true;
		});
		expect((await load(server)).tensors.size).toBe(4);
	});
});

describe('modelCatalogue', () => {
	it('lists the embedded model by its manifest, with an absolute address', async () => {
		const files = withManifest(modelFolder());
		const fetcher = (address: string): Promise<Response> => {
			const bytes = files.get(address.replace('http://page/app/models/anchor-1m/', ''));
			return Promise.resolve(new Response(bytes === undefined ? null : new Uint8Array(bytes)));
		};
		await expect(modelCatalogue('http://page/app/index.html', fetcher).list()).resolves.toEqual([
			{
				id: 'tiny',
				title: 'Tiny',
				url: 'http://page/app/models/anchor-1m/',
				library: { place: 'folder', file: 'model.wasm', loraRank: 16 },
				parameters: 13,
				origin: { place: 'page' },
			},
		]);
	});

	it('gives a hint if the model was not copied', async () => {
		const fetcher = (): Promise<Response> => Promise.resolve(new Response(null, { status: 404 }));
		await expect(modelCatalogue('http://page/', fetcher).list()).rejects.toMatchObject({
			code: 'model-file-missing',
		});
	});
});
