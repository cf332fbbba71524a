/** Model files in the browser's own caches, in real Chromium: parts of a download, their list and their deletion. */
import { afterEach, expect, test } from 'vitest';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { hasherOf } from '#runtime/models/digest.ts';
import { ModelDownload } from '#runtime/models/transfer/modelDownload.ts';
import type { RemoteFile } from '#runtime/models/transfer/remoteFile.ts';
import { pageStorage } from '#runtime/storage/pageStorage.ts';

const MODEL = 'https://hub.example/owner/name/';
const BYTES = Uint8Array.from({ length: 10_500 }, (_, i) => (i * 7919) >> 3);
const FILE: RemoteFile = {
	path: 'model.safetensors',
	address: `${MODEL}resolve/0123456789abcdef0123456789abcdef01234567/model.safetensors`,
	size: BYTES.length,
	digest: { algorithm: 'sha256', hex: sha256() },
};

function sha256(): string {
	const hasher = hasherOf('sha256', BYTES.length);
	hasher.update(BYTES);
	return hasher.hex();
}

const storedHere = async () => (await pageStorage.models()).filter(({ id }) => id === MODEL);
afterEach(() => pageStorage.removeModel(MODEL));

test('a download goes on after a reload, is listed with its size, and can be deleted', async () => {
	const starts: string[] = [];
	let most = 4200;
	/** A server that cuts the connection once. */
	const fetcher = (_address: string, init: RequestInit = {}): Promise<Response> => {
		const range = new Headers(init.headers).get('range') ?? 'bytes=0-';
		starts.push(range);
		const start = Number(/\d+/.exec(range)?.[0]);
		const end = Math.min(BYTES.length, start + most);
		most = Infinity;
		const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
			start: (stream) => {
				stream.enqueue(BYTES.slice(start, end));
				if (end === BYTES.length) stream.close();
			},
			pull: (stream) => stream.error(new TypeError('cut')),
		});
		return Promise.resolve(new Response(body, { status: start > 0 ? 206 : 200 }));
	};
	const load = (): Promise<ReadonlyMap<string, { read(from: number, to: number): Promise<Uint8Array> }>> =>
		new ModelDownload([FILE], {
			title: 'owner/name',
			signal: new AbortController().signal,
			onProgress: () => undefined,
			fetch: fetcher,
			cache: openFileCache(),
			waits: [],
			partSize: 1000,
		}).start();

	await expect(load()).rejects.toMatchObject({ code: 'model-cut-off' });
	expect(await storedHere()).toMatchObject([
		{ title: 'owner/name', bytes: 4000, files: 1, isUnfinished: true },
	]);
	expect(await (await load()).get(FILE.path)?.read(0, BYTES.length)).toEqual(BYTES);
	expect(starts).toEqual(['bytes=0-', 'bytes=4000-']);
	const [model] = await storedHere();
	expect(model).toMatchObject({ files: 1, isUnfinished: false });
	expect(model?.bytes).toBeGreaterThan(BYTES.length);
	const parts = await pageStorage.parts();
	expect(parts.find(({ id }) => id === 'models')?.bytes).toBeGreaterThanOrEqual(model?.bytes ?? Infinity);

	await pageStorage.removeModel(MODEL);
	expect(await storedHere()).toEqual([]);
	await load();
	await pageStorage.remove('models');
	expect(await pageStorage.models()).toEqual([]);
});
