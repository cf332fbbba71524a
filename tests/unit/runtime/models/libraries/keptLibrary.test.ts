/** A kept model finds its compiled library beside the page, and WebLLM gets both, also without a network. */
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ModelSource } from '#core/model/model.ts';
import type { PrebuiltLibrary } from '#core/model/prebuilt/prebuiltLibrary.ts';
import { openFileCache, type FileCache } from '#runtime/models/fileCache.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import type { readTensorCache } from '#runtime/models/manifest.ts';
import { prepareForWebLlm, type WebLlmFiles } from '#runtime/models/webLlmFiles.ts';
import { configFromHf } from '#core/model/config.ts';
import { compiledFor, LibraryPage, PROGRAM } from '#tests/support/compiledLibrary.ts';
import { TINY_CONFIG } from '#tests/support/tinyCheckpoints.ts';
import { tinyFolder } from '#tests/support/tinyModel.ts';
import { Caches } from '../caches.ts';

const never = new AbortController().signal;
const ENTRY = compiledFor(configFromHf(TINY_CONFIG));
const MANIFEST = JSON.stringify({
	...{ id: 'anchor-1m', title: '', library: null, loraMaxRank: 0, parameters: 1, files: [] },
});

let cache: FileCache;
let caches: Caches;
beforeEach(async () => {
	caches = new Caches();
	cache = openFileCache(caches);
	const keeper = new LocalModelKeeper({ cache });
	const place = { kind: 'disk', files: tinyFolder() } as const;
	const { form } = await keeper.inspect(place, null, never);
	await keeper.keep(place, form, () => undefined).finished;
});

/** The kept model as the catalogue lists it. */
async function listed(page: LibraryPage): Promise<ModelSource> {
	const fetcher = (address: string): Promise<Response> =>
		address.endsWith('manifest.json') ? Promise.resolve(new Response(MANIFEST)) : page.fetch(address);
	const models = await modelCatalogue(page.url, fetcher, () => cache).list();
	const model = models.find(({ origin }) => origin.place === 'disk');
	if (model === undefined) throw new Error('The model is not listed.');
	return model;
}

function prepare(source: ModelSource, page: LibraryPage, loraRank = 16): Promise<WebLlmFiles> {
	const request = { source, loraRank, onProgress: () => undefined, signal: never };
	return prepareForWebLlm(request, { cache, fetch: page.fetch, waits: [] });
}

const jsonOf = async (scope: string, address: string): Promise<unknown> =>
	JSON.parse(new TextDecoder().decode((await cache.read(scope, address))?.bytes));

describe('the catalogue', () => {
	test('finds the library that fits', async () => {
		const page = new LibraryPage([{ bad: true }, ENTRY]);
		expect((await listed(page)).library).toEqual({
			place: 'page',
			compiled: { ...ENTRY, address: `${page.url}libraries/${ENTRY.file}` },
		});
	});

	test.each([
		['no list', new LibraryPage([]), (page: LibraryPage) => page.files.clear()],
		[
			'another size',
			new LibraryPage([compiledFor({ ...configFromHf(TINY_CONFIG), layers: 2 })]),
			() => undefined,
		],
		['another form of weights', new LibraryPage([{ ...ENTRY, weights: 'f16' }]), () => undefined],
		['a list that is no JSON', new LibraryPage([]), (page: LibraryPage) => page.put('index.json', 'no')],
	])('names none for %s', async (_name, page, change) => {
		change(page);
		expect((await listed(page)).library).toBeNull();
	});
});

describe('WebLLM', () => {
	test('gets the folder as the library reads it, and the library', async () => {
		const page = new LibraryPage([ENTRY]);
		const source = await listed(page);
		const files = await prepare(source, page);
		expect(Buffer.from(files.library).equals(PROGRAM)).toBe(true);
		expect(files.chatConfig).toMatchObject({ context_window_size: 64, prefill_chunk_size: 32 });
		expect(await jsonOf('webllm/config', `${files.folder}mlc-chat-config.json`)).toEqual(files.chatConfig);
		const view = shardsOf(await jsonOf('webllm/model', `${files.folder}tensor-cache.json`));
		for (const { dataPath, nbytes } of view) {
			const shard = await cache.read('webllm/model', new URL(dataPath, files.folder).href);
			expect(shard?.bytes.length).toBe(nbytes);
		}
		expect((await cache.read('webllm/model', `${files.folder}tokenizer.json`))?.bytes.length).toBeGreaterThan(
			9,
		);
		const stored = caches.files.size;
		await files.release();
		expect(caches.files.size).toBe(stored - 4);
		expect(await cache.read('webllm/model', `${files.folder}tensor-cache.json`)).toBeNull();
	});

	test('gets a library that the server has let the browser unpack', async () => {
		const page = new LibraryPage([ENTRY]);
		page.put(ENTRY.file, PROGRAM);
		const { library } = await prepare(await listed(page), page);
		expect(Buffer.from(library).equals(PROGRAM)).toBe(true);
	});

	test('gets records of the wanted rank if the library leaves it open', async () => {
		const page = new LibraryPage([{ ...ENTRY, loraRank: 'any' }]);
		const files = await prepare(await listed(page), page, 48);
		const view = shardsOf(await jsonOf('webllm/model', `${files.folder}tensor-cache.json`));
		expect(view.at(-1)?.records[0]?.shape).toEqual([3 * 48, TINY_CONFIG.hidden_size]);
	});

	test('gets the same without a network afterwards', async () => {
		const page = new LibraryPage([ENTRY]);
		await (await prepare(await listed(page), page)).release();
		page.isDown = true;
		page.asked.length = 0;
		const source = await listed(page);
		const files = await prepare(source, page);
		expect(Buffer.from(files.library).equals(PROGRAM)).toBe(true);
		expect(page.asked).toEqual(['libraries/index.json']);
	});

	test.each([
		[
			'is missing',
			(page: LibraryPage) => page.files.delete(`${page.url}libraries/${ENTRY.file}`),
			'library-missing',
		],
		[
			'is cut short',
			(page: LibraryPage) => page.put(ENTRY.file, gzipSync(PROGRAM).subarray(0, -9)),
			'library-damaged',
		],
		[
			'is no gzip',
			(page: LibraryPage) => page.put(ENTRY.file, Buffer.alloc(ENTRY.bytes, 7)),
			'shard-hash-mismatch',
		],
		['is another text', (page: LibraryPage) => page.put(ENTRY.file, 'Not found'), 'shard-truncated'],
	])('names a library that %s', async (_name, change, code) => {
		const page = new LibraryPage([ENTRY]);
		const source = await listed(page);
		change(page);
		await expect(prepare(source, page)).rejects.toMatchObject({ code });
	});

	test('does not take another program of the same length', async () => {
		const page = new LibraryPage([{ ...ENTRY, sha256: 'a'.repeat(64) }]);
		await expect(prepare(await listed(page), page)).rejects.toMatchObject({ code: 'shard-hash-mismatch' });
	});

	test('gets the newer program after the list has changed', async () => {
		const page = new LibraryPage([ENTRY]);
		const source = await listed(page);
		const address = `${page.url}libraries/${ENTRY.file}`;
		await cache.write('anchorage/libraries', address, { bytes: Uint8Array.of(1, 2), digest: 'old' });
		const { library } = await prepare(source, page);
		expect(Buffer.from(library).equals(PROGRAM)).toBe(true);
	});
});

describe('WebLLM with a prebuilt library', () => {
	const address = 'https://libraries.test/Tiny-q0f32_cs1k-webgpu.wasm';
	const prebuilt: PrebuiltLibrary = {
		...{ address, weights: 'bf16', needsF16: false },
		...{ contextWindow: 64, prefillChunk: 32 },
	};
	async function served(content: Buffer | null): Promise<{ source: ModelSource; page: LibraryPage }> {
		const page = new LibraryPage([]);
		if (content !== null) page.files.set(address, Uint8Array.from(content));
		return { source: { ...(await listed(page)), library: { place: 'prebuilt', prebuilt } }, page };
	}

	test('gets the folder’s records as they are stored, and the chat in the words of the model’s template', async () => {
		const { source, page } = await served(PROGRAM);
		const files = await prepare(source, page);
		expect(Buffer.from(files.library).equals(PROGRAM)).toBe(true);
		expect(files.chatConfig).toMatchObject({ context_window_size: 64, prefill_chunk_size: 32 });
		const view = shardsOf(await jsonOf('webllm/model', `${files.folder}tensor-cache.json`));
		const records = view.flatMap((shard) => shard.records);
		expect(records.map(({ name }) => name).filter((name) => name.includes('lora'))).toEqual([]);
		expect(records.find(({ name }) => name === 'model.embed_tokens.weight')).toMatchObject({
			dtype: 'float32',
			format: 'f32-to-bf16',
		});
		for (const { dataPath, nbytes } of view)
			expect((await cache.read('webllm/model', dataPath))?.bytes.length).toBe(nbytes);
		await files.release();
	});

	test('gets the same without a network afterwards', async () => {
		const { source, page } = await served(PROGRAM);
		await (await prepare(source, page)).release();
		page.isDown = true;
		expect(Buffer.from((await prepare(source, page)).library).equals(PROGRAM)).toBe(true);
	});

	test.each([
		['that is missing', null, 'library-missing'],
		['with another text in its place', Buffer.from('Not found, sorry'), 'shard-not-wasm'],
	])('names a library %s, and keeps nothing of it', async (_name, content, code) => {
		const { source, page } = await served(content);
		await expect(prepare(source, page)).rejects.toMatchObject({ code });
		expect(await cache.read('anchorage/libraries', address)).toBeNull();
	});
});

/** Shard addresses of a view are absolute, unlike those of a folder. */
function shardsOf(json: unknown) {
	const { records } = json as ReturnType<typeof readTensorCache>;
	return records;
}
