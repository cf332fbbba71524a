import { expect, test } from 'vitest';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { MemoryBackedCaches } from '#runtime/models/memoryCaches.ts';
import { MODEL_PARTS } from '#runtime/models/modelScopes.ts';
import {
	modelOf,
	removeStoredModel,
	removeStoredModels,
	storedModels,
} from '#runtime/storage/modelStorage.ts';

test.each([
	[
		'https://huggingface.co/owner/name/resolve/abc/model.safetensors?anchorage=16-0',
		'https://huggingface.co/owner/name/',
	],
	['https://hub.example/hf/owner/name/resolve/main/sub/a.gguf', 'https://hub.example/hf/owner/name/'],
	['http://page/models/anchor-1m/resolve/main/params_shard_0.bin', 'http://page/models/anchor-1m/'],
	['http://page/models/anchor-1m/model.wasm', 'http://page/models/anchor-1m/'],
	['https://own.example/a.gguf?token=x', 'https://own.example/'],
])('%s belongs to %s', (address, id) => {
	expect(modelOf(address)).toBe(id);
});

test('a browser without caches stores no models', async () => {
	expect(await storedModels(undefined)).toEqual([]);
	await removeStoredModels(undefined);
});

test('models are listed by their bytes, and deleted one by one or all at once', async () => {
	const caches = new MemoryBackedCaches(undefined, () => undefined);
	const cache = openFileCache(caches);
	const write = (scope: string, key: string, content: string): Promise<void> =>
		cache.write(scope, key, { bytes: new TextEncoder().encode(content), digest: '' });
	const hub = 'https://hub.example/owner/name/resolve/abc';
	await write('webllm/model', 'http://page/models/anchor-1m/resolve/main/params_shard_0.bin', '1234567');
	await write('webllm/wasm', 'http://page/models/anchor-1m/model.wasm', '123');
	await write(MODEL_PARTS, `${hub}/config.json?anchorage=16-0`, '{}');
	await write(MODEL_PARTS, `${hub}/config.json?anchorage=record`, '{"complete":true}');
	await write(MODEL_PARTS, `${hub}/a.gguf?anchorage=16-0`, 'x'.repeat(16));
	await write(MODEL_PARTS, `${hub}/a.gguf?anchorage=16-1`, 'x'.repeat(16));
	await write('another page', 'http://page/x', 'x');
	const anchor = {
		id: 'http://page/models/anchor-1m/',
		title: 'models/anchor-1m',
		bytes: 10,
		files: 2,
		isUnfinished: false,
	};
	expect(await storedModels(caches)).toEqual([
		{ id: 'https://hub.example/owner/name/', title: 'owner/name', bytes: 51, files: 2, isUnfinished: true },
		anchor,
	]);
	await removeStoredModel('https://hub.example/owner/name/', caches);
	expect(await storedModels(caches)).toEqual([anchor]);
	await removeStoredModels(caches);
	expect(await storedModels(caches)).toEqual([]);
	expect(await cache.has('another page', 'http://page/x')).toBe(true);
});
