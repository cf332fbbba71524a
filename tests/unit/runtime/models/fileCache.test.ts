import { describe, expect, test } from 'vitest';
import { StorageError } from '#core/errors.ts';
import { notKept, openFileCache } from '#runtime/models/fileCache.ts';
import { MemoryBackedCaches } from '#runtime/models/memoryCaches.ts';
import { Caches } from './caches.ts';

const KEY = 'https://models.example.org/m/resolve/main/params_shard_0.bin';
const file = { bytes: Uint8Array.of(1, 2, 3), digest: 'abc' };

function over(fail: Caches['fail']) {
	const caches = new Caches();
	caches.fail = fail;
	const refusals: { address: string | null; bytes: number }[] = [];
	const backed = new MemoryBackedCaches(caches, (address, bytes) => refusals.push({ address, bytes }));
	return { caches, backed, cache: openFileCache(backed), refusals };
}

test('a stored file is in the browser’s cache, not in memory', async () => {
	const { caches, cache, refusals } = over({});
	await cache.write('webllm/model', KEY, file);
	expect(await cache.read('webllm/model', KEY)).toEqual(file);
	expect([...caches.files.keys()]).toEqual([KEY]);
	caches.files.clear();
	expect(await cache.read('webllm/model', KEY)).toBeNull();
	expect(refusals).toEqual([]);
});

describe.each([
	['the disk is full', { put: 'QuotaExceededError' }, { address: KEY, bytes: 3 }],
	['no cache can be opened', { open: 'SecurityError' }, { address: null, bytes: 0 }],
	[
		'the cache answers with errors',
		{ put: 'UnknownError', match: 'UnknownError' },
		{ address: KEY, bytes: 3 },
	],
] as const)('if %s', (_name, fail, refusal) => {
	test('the file is read from memory, through the Cache API too', async () => {
		const { backed, cache, refusals } = over(fail);
		await cache.write('webllm/model', KEY, file);
		expect(await cache.read('webllm/model', KEY)).toEqual(file);
		expect(await cache.read('webllm/model', `${KEY}2`)).toBeNull();
		const webLlm = await backed.open('webllm/model');
		const response = await webLlm.match(new Request(KEY));
		expect(new Uint8Array((await response?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(file.bytes);
		expect((await webLlm.keys()).map(({ url }) => url)).toEqual([KEY]);
		expect(refusals).toContainEqual(refusal);
		await cache.remove('webllm/model', KEY);
		expect(await cache.read('webllm/model', KEY)).toBeNull();
	});
});

test('a file that is stored later is no longer held in memory', async () => {
	const { caches, cache } = over({ put: 'QuotaExceededError' });
	await cache.write('webllm/model', KEY, file);
	caches.fail = {};
	await cache.write('webllm/model', KEY, { bytes: Uint8Array.of(4), digest: 'd' });
	expect(await cache.read('webllm/model', KEY)).toEqual({ bytes: Uint8Array.of(4), digest: 'd' });
	caches.files.clear();
	expect(await cache.read('webllm/model', KEY)).toBeNull();
});

describe('a file that is made while it is stored', () => {
	const BYTES = Uint8Array.from({ length: 600_000 }, (_, i) => i * 7);
	/** Pieces in one buffer, as a conversion makes them. */
	async function* pieces(size = 250_001): AsyncGenerator<Uint8Array> {
		const buffer = new Uint8Array(size);
		for (let at = 0; at < BYTES.length; at += size) {
			const piece = BYTES.subarray(at, at + size);
			buffer.set(piece);
			yield buffer.subarray(0, piece.length);
			buffer.fill(0);
			await Promise.resolve();
		}
	}
	const made = (digest = 'abc') => ({ size: BYTES.length, pieces: pieces(), digest: () => digest });

	test('is read back, whole or in ranges, with its digest, and is one file', async () => {
		const { caches, cache } = over({});
		await cache.store('webllm/model', KEY, made());
		expect(await cache.read('webllm/model', KEY)).toEqual({ bytes: BYTES, digest: 'abc' });
		const file = await cache.open('webllm/model', KEY);
		expect(file).toMatchObject({ size: BYTES.length, digest: 'abc' });
		expect(await file?.read(249_999, 520_000)).toEqual(BYTES.slice(249_999, 520_000));
		expect((await file?.read(599_998, 600_010))?.length).toBe(2);
		expect(await cache.keys('webllm/model')).toEqual([KEY]);
		await cache.remove('webllm/model', KEY);
		expect(caches.files.size).toBe(0);
	});

	test('is not there if its pieces fail, and the failure is theirs', async () => {
		const { caches, cache } = over({});
		await cache.store('webllm/model', KEY, made());
		const failing = async function* (): AsyncGenerator<Uint8Array> {
			yield* pieces();
			throw new StorageError('The file is gone.', { code: 'file-unreadable' });
		};
		const file = { ...made(), pieces: failing() };
		await expect(cache.store('webllm/model', `${KEY}2`, file)).rejects.toMatchObject({
			code: 'file-unreadable',
		});
		expect([...caches.files.keys()].filter((key) => key.includes('.bin2'))).toEqual([]);
	});

	test('has no digest of an earlier file under its name', async () => {
		const { caches, cache } = over({});
		await cache.store('webllm/model', KEY, made());
		caches.room = 0;
		await expect(cache.store('webllm/model', KEY, made('new'))).rejects.toThrow('full');
		expect(await cache.open('webllm/model', KEY)).toMatchObject({ digest: '' });
	});

	test('is refused on a page without caches', async () => {
		const { cache } = over({ open: 'SecurityError' });
		await expect(cache.store('webllm/model', KEY, made())).rejects.toThrow('no caches');
		expect(cache.held()).toBe(0);
	});
});

test('files in memory are counted, and stored when there is room again', async () => {
	const { caches, cache } = over({ put: 'QuotaExceededError' });
	await cache.write('webllm/model', KEY, file);
	await cache.write('webllm/model', `${KEY}2`, file);
	expect(cache.held()).toBe(6);
	await cache.storeHeld();
	expect(cache.held()).toBe(6);
	caches.fail = {};
	await cache.storeHeld();
	expect(cache.held()).toBe(0);
	expect(await cache.has('webllm/model', KEY)).toBe(true);
	expect([...caches.files.keys()]).toEqual([KEY, `${KEY}2`]);
	caches.files.clear();
	expect(await cache.has('webllm/model', KEY)).toBe(false);
});

test('the notice names the file and what to do', () => {
	const full = notKept(KEY, 2299, new DOMException('', 'QuotaExceededError'));
	expect(full.message).toBe(
		'The browser does not store params_shard_0.bin (2299 bytes): its space for this page is used up. The run goes on with the files in memory.',
	);
	expect(full.hint).toContain('model files on the Shelf');
	expect(notKept(null, 0, new DOMException('', 'SecurityError'))).toMatchObject({
		code: 'model-cache-refused',
		message: 'The browser does not store model files. The run goes on with the files in memory.',
	});
});
