/** A published folder without digests: what is damaged there must not stay in the cache. */
import { afterEach, expect, it } from 'vitest';
import { openFileCache, webLlmFolder } from '#runtime/models/fileCache.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { modelFolder, serveFolder, type FolderServer } from './folder.ts';

const never = new AbortController().signal;
let server: FolderServer | null = null;
afterEach(() => server?.close());

it('a file that is not JSON is named, not kept, and replaced at the next loading', async () => {
	const files = modelFolder();
	const right = files.get('tokenizer.json') ?? Buffer.from('');
	files.set('tokenizer.json', right.subarray(0, 4));
	server = await serveFolder(files);
	const { source } = server;
	const cache = openFileCache();
	const load = () => loadModelFiles(source, () => undefined, never, { cache });
	await expect(load()).rejects.toMatchObject({ code: 'model-file-not-json' });
	const key = `${webLlmFolder(source.url)}tokenizer.json`;
	expect(await cache.read('webllm/model', key)).toBeNull();

	// A cache of an earlier version may hold such a file.
	await cache.write('webllm/model', key, { bytes: new Uint8Array(right.subarray(0, 4)), digest: '' });
	files.set('tokenizer.json', right);
	expect((await load()).tokenizerJson).toEqual({ model: {} });
});

it('a tokenizer with more tokens than the model is named', async () => {
	const files = modelFolder();
	files.set('tokenizer.json', Buffer.from('{"model":{"vocab":{"a":0,"b":3}},"added_tokens":[{"id":1}]}'));
	server = await serveFolder(files);
	await expect(loadModelFiles(server.source, () => undefined, never)).rejects.toMatchObject({
		code: 'tokenizer-vocab',
		message: expect.stringMatching(/token 3.*vocab_size 3/) as unknown,
	});
});
