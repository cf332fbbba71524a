/** The bytes of a resumable download are those of one version of the file, or the file is named. */
import { afterEach, describe, expect, it } from 'vitest';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { MODEL_PARTS } from '#runtime/models/modelScopes.ts';
import type { RemoteFile } from '#runtime/models/transfer/remoteFile.ts';
import { cutAfter, large, noise } from './hubServer.ts';
import { BYTES, bytesOf, closeHubs, cuts, downloadOf, PART, sends, start, WEIGHTS } from './resuming.ts';

afterEach(closeHubs);

describe('a file with other bytes', () => {
	const other = Buffer.from(BYTES);
	other[5000] = (other[5000] ?? 0) ^ 1;

	it('is loaded once more', async () => {
		const { hub, weights } = await start();
		sends(hub, WEIGHTS, other, 1);
		const seen: number[] = [];
		const download = downloadOf([weights], openFileCache(), { onProgress: ({ done }) => seen.push(done) });
		expect(await bytesOf(download.start())).toEqual(BYTES);
		expect(seen.at(-1)).toBe(BYTES.length);
	});

	it('is named the second time, and leaves nothing behind', async () => {
		const { hub, weights } = await start();
		const cache = openFileCache();
		sends(hub, WEIGHTS, other);
		await expect(downloadOf([weights], cache).start()).rejects.toMatchObject({
			code: 'shard-hash-mismatch',
			message: expect.stringContaining('model.safetensors is damaged') as unknown,
			context: { algorithm: 'sha256' },
		});
		expect(hub.starts(WEIGHTS)).toEqual([0, 0]);
		expect(await cache.has(MODEL_PARTS, `${weights.address}?anchorage=${PART}-0`)).toBe(false);
	});

	it('is found in the kept parts, too', async () => {
		const { hub, weights } = await start();
		const cache = openFileCache();
		cuts(hub, 4000, 0, 0);
		await expect(downloadOf([weights], cache).start()).rejects.toMatchObject({ code: 'model-cut-off' });
		const key = `${weights.address}?anchorage=${PART}-2`;
		const kept = await cache.read(MODEL_PARTS, key);
		if (kept === null) throw new Error('nothing kept');
		await cache.write(MODEL_PARTS, key, { ...kept, bytes: kept.bytes.map((byte) => byte ^ 1) });
		hub.asked.length = 0;
		expect(await bytesOf(downloadOf([weights], cache).start())).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)).toEqual([4000, 0]);
	});

	it.each<[string, Buffer, string]>([
		[
			'a Git LFS pointer',
			Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'),
			'shard-truncated',
		],
		['a web page', Buffer.from('<!doctype html><title>Sign in</title>'), 'model-file-html'],
		['more bytes', Buffer.concat([BYTES, BYTES]), 'shard-size-mismatch'],
	])('%s in its place is named', async (_name, bytes, code) => {
		const { hub, weights } = await start();
		sends(hub, WEIGHTS, bytes);
		const error = await downloadOf([weights], openFileCache())
			.start()
			.catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ code });
		expect((error as { hint: string }).hint).not.toBe('');
	});

	it('a small file is checked by its Git blob id', async () => {
		const { hub, files } = await start();
		sends(hub, 'config.json', '{"model_type":"lLama"}');
		await expect(downloadOf(files, openFileCache()).start()).rejects.toMatchObject({
			code: 'shard-hash-mismatch',
			context: { algorithm: 'git-sha1', file: 'config.json' },
		});
	});
});

describe('a file without a digest', () => {
	const plain = ({ weights }: { weights: RemoteFile }): RemoteFile => ({ ...weights, digest: null });
	const newer = noise(BYTES.length, 2);

	it('that changes while it is loaded starts again, and never mixes', async () => {
		const { hub, weights } = await start();
		const cache = openFileCache();
		hub.fault = (request, response) => {
			if (request.file !== WEIGHTS) return false;
			response.setHeader('etag', '"old"');
			return cutAfter(3000, BYTES, request, response);
		};
		await expect(downloadOf([plain({ weights })], cache, { waits: [] }).start()).rejects.toMatchObject({
			code: 'model-cut-off',
		});
		hub.fault = () => false;
		hub.files.set(WEIGHTS, large(newer));
		hub.asked.length = 0;
		expect(await bytesOf(downloadOf([plain({ weights })], cache).start())).toEqual(newer);
		expect(hub.starts(WEIGHTS)).toEqual([3000, 0]);
	});

	it('continues after a reload while its ETag is the same, also a weak one', async () => {
		const { hub, weights } = await start();
		const cache = openFileCache();
		let cut = 1;
		hub.fault = (request, response) => {
			if (request.file !== WEIGHTS) return false;
			response.setHeader('etag', cut > 0 ? '"a"' : 'W/"a"');
			return cutAfter(cut-- > 0 ? 3000 : BYTES.length, BYTES, request, response);
		};
		await expect(downloadOf([plain({ weights })], cache, { waits: [] }).start()).rejects.toMatchObject({
			code: 'model-cut-off',
		});
		expect(await bytesOf(downloadOf([plain({ weights })], cache).start())).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)).toEqual([0, 3000]);
	});

	it('and without a validator starts again after a reload', async () => {
		const { hub, weights } = await start();
		const cache = openFileCache();
		hub.hasEtag = false;
		cuts(hub, 3000);
		await expect(downloadOf([plain({ weights })], cache, { waits: [] }).start()).rejects.toMatchObject({
			code: 'model-cut-off',
		});
		expect(await bytesOf(downloadOf([plain({ weights })], cache).start())).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)).toEqual([0, 0]);
	});

	it('that is shorter than listed is named', async () => {
		const { hub, weights } = await start();
		hub.files.set(WEIGHTS, large(BYTES.subarray(0, 3000)));
		await expect(downloadOf([plain({ weights })], openFileCache()).start()).rejects.toMatchObject({
			code: 'model-file-changed',
		});
	});

	it('of a new version that the listing names is loaded again', async () => {
		const { hub, weights } = await start();
		const cache = openFileCache();
		hub.hasEtag = false;
		const old = { ...plain({ weights }), version: '"1"' };
		await downloadOf([old], cache).start();
		hub.files.set(WEIGHTS, large(newer));
		expect(await bytesOf(downloadOf([{ ...old, version: '"2"' }], cache).start())).toEqual(newer);
	});
});
