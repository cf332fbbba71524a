import { expect, test } from 'vitest';
import { modelOf, removeStoredModels, storedModels } from '#runtime/storage/modelStorage.ts';

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
