/** A resumable download against a hub that behaves, and one that does not. A reload is a new download over the same cache. */
import { afterEach, describe, expect, it } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import type { TransferProgress } from '#core/checkpoint/transferRate.ts';
import { openFileCache, type FileCache } from '#runtime/models/fileCache.ts';
import { readHubAddress } from '#runtime/models/hub/address.ts';
import { openRepository } from '#runtime/models/hub/repository.ts';
import { MODEL_PARTS } from '#runtime/models/modelScopes.ts';
import { ModelDownload, type ModelDownloadOptions } from '#runtime/models/transfer/modelDownload.ts';
import type { RemoteFile } from '#runtime/models/transfer/remoteFile.ts';
import { Caches } from './caches.ts';
import { MemoryBackedCaches } from '#runtime/models/memoryCaches.ts';
import { cutAfter, large, noise, REPOSITORY, serveHub, small, type HubServer } from './hubServer.ts';

const never = new AbortController().signal;
const PART = 1000;
const WEIGHTS = 'model.safetensors';
const BYTES = noise(10_500);

const hubs: HubServer[] = [];
afterEach(async () => {
	await Promise.all(hubs.splice(0).map((hub) => hub.close()));
});

async function start(): Promise<{ hub: HubServer; files: readonly RemoteFile[]; weights: RemoteFile }> {
	const hub = await serveHub(
		new Map([
			['config.json', small('{"model_type":"llama"}')],
			[WEIGHTS, large(BYTES)],
		]),
	);
	hubs.push(hub);
	const repository = await openRepository(readHubAddress(REPOSITORY, hub.origin), { signal: never });
	const files = [...repository.files.values()];
	hub.asked.length = 0;
	const weights = files.find(({ path }) => path === WEIGHTS);
	if (weights === undefined) throw new Error('no weights');
	return { hub, files, weights };
}

function downloadOf(
	files: readonly RemoteFile[],
	cache: FileCache,
	options: Partial<ModelDownloadOptions> = {},
): ModelDownload {
	return new ModelDownload(files, {
		title: REPOSITORY,
		signal: never,
		cache,
		onProgress: () => undefined,
		waits: [1, 1],
		partSize: PART,
		...options,
	});
}

async function bytesOf(
	download: Promise<ReadonlyMap<string, { size: number; read: Read }>>,
): Promise<Buffer> {
	const source = (await download).get(WEIGHTS);
	return Buffer.from((await source?.read(0, source.size)) ?? []);
}
type Read = (start: number, end: number) => Promise<Uint8Array>;

/** Cuts the weights after the given counts of bytes, then behaves. */
function cuts(hub: HubServer, ...counts: number[]): void {
	hub.fault = (request, response) => {
		const count = request.file === WEIGHTS ? counts.shift() : undefined;
		return count === undefined ? false : cutAfter(count, BYTES, request, response);
	};
}

describe('a download', () => {
	it('loads all files, checks them, and asks nothing the second time', async () => {
		const { hub, files } = await start();
		const cache = openFileCache();
		const seen: TransferProgress[] = [];
		const download = downloadOf(files, cache, { onProgress: (progress) => seen.push(progress) });
		expect(download.bytes).toBe(BYTES.length + 22);
		expect(await bytesOf(download.start())).toEqual(BYTES);
		expect(download.state).toBe('done');
		expect(seen.at(-1)).toMatchObject({ done: BYTES.length + 22, total: BYTES.length + 22, secondsLeft: 0 });
		hub.asked.length = 0;
		expect(await bytesOf(downloadOf(files, cache).start())).toEqual(BYTES);
		expect(hub.asked).toEqual([]);
	});

	it('sends no header that makes a browser ask for permission', async () => {
		const { hub, weights } = await start();
		cuts(hub, 3000);
		await downloadOf([weights], openFileCache()).start();
		const names = hub.asked.flatMap(({ headers }) => Object.keys(headers));
		expect(names).toContain('range');
		for (const name of ['if-range', 'authorization', 'cookie', 'referer']) expect(names).not.toContain(name);
	});

	it('continues with the next byte after a cut, and after a reload with the next part', async () => {
		const { hub, weights } = await start();
		const cache = openFileCache();
		cuts(hub, 2500, 100, 0);
		await expect(downloadOf([weights], cache).start()).rejects.toMatchObject({ code: 'model-cut-off' });
		expect(hub.starts(WEIGHTS)).toEqual([0, 2500, 2600]);
		hub.asked.length = 0;
		hub.fault = () => false;
		const seen: TransferProgress[] = [];
		const again = downloadOf([weights], cache, { onProgress: (progress) => seen.push(progress) });
		expect(await bytesOf(again.start())).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)).toEqual([2000]);
		expect(seen[0]?.done).toBe(1000);
	});

	it('tries as often as it gets on', async () => {
		const { hub, weights } = await start();
		cuts(hub, 1500, 1500, 1500, 1500, 1500, 1500);
		expect(await bytesOf(downloadOf([weights], openFileCache(), { waits: [1] }).start())).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)).toEqual([0, 1500, 3000, 4500, 6000, 7500, 9000]);
	});

	it('continues after a stall', async () => {
		const { hub, weights } = await start();
		let stalls = 1;
		hub.fault = ({ file }, response) => {
			if (file !== WEIGHTS || stalls-- <= 0) return false;
			response.writeHead(200, { 'content-length': String(BYTES.length) });
			response.write(BYTES.subarray(0, 1200));
			return true;
		};
		expect(await bytesOf(downloadOf([weights], openFileCache(), { patience: 60 }).start())).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)).toEqual([0, 1200]);
	});

	it('reads files of any position and length, over the borders of parts', async () => {
		const { weights } = await start();
		const source = (await downloadOf([weights], openFileCache()).start()).get(WEIGHTS);
		for (const [from, to] of [
			[0, 0],
			[999, 1001],
			[10_499, 10_500],
			[500, 9876],
			[10_500, 10_500],
		] as const)
			expect(Buffer.from((await source?.read(from, to)) ?? [])).toEqual(BYTES.subarray(from, to));
		await expect(source?.read(10_000, 10_501)).rejects.toMatchObject({ code: 'bytes-outside' });
		const stop = new AbortController();
		stop.abort();
		await expect(source?.read(0, 1, stop.signal)).rejects.toBeInstanceOf(Cancelled);
	});
});

describe('a server without Range', () => {
	it('sends the file again, and the bytes that are here are skipped', async () => {
		const { hub, weights } = await start();
		hub.hasRange = false;
		cuts(hub, 4200);
		hub.fault = withoutRange(hub.fault);
		expect(await bytesOf(downloadOf([weights], openFileCache()).start())).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)).toEqual([0, 4200]);
	});

	it.each([
		['another range', { 'content-range': `bytes 0-10499/10500` }],
		['a range of another file', { 'content-range': `bytes 2000-10499/99999` }],
		['a header that is no range', { 'content-range': `octets 2000-` }],
		['no range, and the length of the whole file', { 'content-length': '10500' }],
	])('that answers with %s is asked for the whole file', async (_name, headers) => {
		const { hub, weights } = await start();
		let count = 0;
		hub.fault = (request, response) => {
			if (request.file !== WEIGHTS) return false;
			if (count++ === 0) return cutAfter(2000, BYTES, request, response);
			if (request.headers.range === undefined) return false;
			response.writeHead(206, headers).end(BYTES);
			return true;
		};
		expect(await bytesOf(downloadOf([weights], openFileCache()).start())).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)).toEqual([0, 2000, 0]);
	});
});

/** The cut answer of a server that ignores Range is that to a request without it. */
function withoutRange(fault: HubServer['fault']): HubServer['fault'] {
	return ({ headers, ...request }, response) => {
		const { range: _range, ...others } = headers;
		return fault({ ...request, headers: others }, response);
	};
}

describe('a file with other bytes', () => {
	const other = Buffer.from(BYTES);
	other[5000] = (other[5000] ?? 0) ^ 1;

	it('is loaded once more', async () => {
		const { hub, weights } = await start();
		let lies = 1;
		hub.fault = ({ file }, response) => {
			if (file !== WEIGHTS || lies-- <= 0) return false;
			response.end(other);
			return true;
		};
		const seen: number[] = [];
		const download = downloadOf([weights], openFileCache(), { onProgress: ({ done }) => seen.push(done) });
		expect(await bytesOf(download.start())).toEqual(BYTES);
		expect(seen.at(-1)).toBe(BYTES.length);
	});

	it('is named the second time, and leaves nothing behind', async () => {
		const { hub, weights } = await start();
		const cache = openFileCache();
		hub.fault = ({ file }, response) => file === WEIGHTS && response.end(other) !== undefined;
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
		hub.fault = ({ file }, response) => file === WEIGHTS && response.end(bytes) !== undefined;
		const error = await downloadOf([weights], openFileCache())
			.start()
			.catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ code });
		expect((error as { hint: string }).hint).not.toBe('');
	});

	it('a small file is checked by its Git blob id', async () => {
		const { hub, files } = await start();
		hub.fault = ({ file }, response) =>
			file === 'config.json' && response.end('{"model_type":"lLama"}') !== undefined;
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

describe('pause, resume and cancel', () => {
	/** Sends so many bytes and keeps the connection open; resolves when they were sent. */
	function holdsAfter(hub: HubServer, count: number): Promise<void> {
		return new Promise((resolve) => {
			let first = true;
			hub.fault = ({ file }, response) => {
				if (file !== WEIGHTS || !first) return false;
				first = false;
				response.writeHead(200, { 'content-length': String(BYTES.length) });
				response.write(BYTES.subarray(0, count), () => resolve());
				return true;
			};
		});
	}

	/** Resolves when so many bytes are here. */
	function progressTo(count: number): { reached: Promise<void>; onProgress: (at: TransferProgress) => void } {
		let reach: () => void = () => undefined;
		const reached = new Promise<void>((resolve) => (reach = resolve));
		return { reached, onProgress: ({ done }) => (done >= count ? reach() : undefined) };
	}
	let time = 0;
	/** Each progress is reported. */
	const now = (): number => (time += 1000);

	it('a pause keeps every byte, and resume goes on with the next', async () => {
		const { hub, weights } = await start();
		void holdsAfter(hub, 3300);
		const { reached, onProgress } = progressTo(3300);
		const states: string[] = [];
		const download = downloadOf([weights], openFileCache(), {
			onProgress,
			now,
			onState: (state) => states.push(state),
		});
		const running = download.start();
		await reached;
		download.pause();
		download.pause();
		expect(download.state).toBe('paused');
		await expect(download.start()).rejects.toMatchObject({ code: 'model-download-running' });
		download.resume();
		expect(await bytesOf(running)).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)).toEqual([0, 3300]);
		expect(states).toEqual(['running', 'paused', 'running', 'done']);
	});

	it('cancel deletes the parts of unfinished files and keeps finished files', async () => {
		const { hub, files, weights } = await start();
		void holdsAfter(hub, 3300);
		const cache = openFileCache();
		const { reached, onProgress } = progressTo(3322);
		const download = downloadOf(files, cache, { onProgress, now });
		const running = download.start().catch((error: unknown) => error);
		await reached;
		await download.cancel();
		expect(await running).toBeInstanceOf(Cancelled);
		expect(download.state).toBe('cancelled');
		expect(await cache.has(MODEL_PARTS, `${weights.address}?anchorage=${PART}-0`)).toBe(false);
		const config = files.find(({ path }) => path === 'config.json');
		expect(await cache.has(MODEL_PARTS, `${config?.address ?? ''}?anchorage=${PART}-0`)).toBe(true);
	});

	it('the signal stops it, also in a pause, and the parts stay', async () => {
		const { hub, weights } = await start();
		void holdsAfter(hub, 3300);
		const cache = openFileCache();
		const stop = new AbortController();
		const { reached, onProgress } = progressTo(3300);
		const download = downloadOf([weights], cache, { onProgress, now, signal: stop.signal });
		const running = download.start().catch((error: unknown) => error);
		await reached;
		download.pause();
		stop.abort();
		expect(await running).toBeInstanceOf(Cancelled);
		hub.asked.length = 0;
		expect(await bytesOf(downloadOf([weights], cache).start())).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)).toEqual([3000]);
	});
});

describe('room', () => {
	const estimate = (quota: number) => () => Promise.resolve({ quota, usage: 1000 });

	it('is asked for before the first byte, less the parts that are here', async () => {
		const { hub, files, weights } = await start();
		const cache = openFileCache();
		const refused = downloadOf([weights], cache, { estimate: estimate(11_499) }).start();
		await expect(refused).rejects.toMatchObject({
			code: 'model-no-room',
			context: { bytes: 10_500, free: 10_499 },
		});
		expect(hub.asked).toEqual([]);
		cuts(hub, 4000, 0, 0);
		await expect(downloadOf([weights], cache, { estimate: estimate(11_500) }).start()).rejects.toMatchObject({
			code: 'model-cut-off',
		});
		await downloadOf(files, cache, { estimate: estimate(7522) }).start();
		await expect(
			downloadOf(files, cache, { estimate: estimate(1000), extraBytes: 1 }).start(),
		).rejects.toMatchObject({ code: 'model-no-room', context: { bytes: 1, free: 0 } });
	});

	it('that the browser does not know is no failure', async () => {
		const { files } = await start();
		await downloadOf(files, openFileCache(), {
			estimate: () => Promise.reject(new TypeError('no')),
		}).start();
	});
});

describe('a full disk', () => {
	it('ends the download before the memory is full, and it goes on when there is room again', async () => {
		const { hub, weights } = await start();
		const disk = new Caches();
		disk.room = 3;
		const cache = openFileCache(new MemoryBackedCaches(disk, () => undefined));
		const download = downloadOf([weights], cache, { mostHeld: 2000 });
		await expect(download.start()).rejects.toMatchObject({
			code: 'model-storage-full',
			hint: expect.stringContaining('free space') as unknown,
		});
		expect(cache.held()).toBe(3000);
		expect(download.state).toBe('failed');
		disk.room = Infinity;
		expect(await bytesOf(download.start())).toEqual(BYTES);
		expect(hub.starts(WEIGHTS)[0]).toBe(0);
		expect(hub.starts(WEIGHTS)[1]).toBeGreaterThanOrEqual(6000);
		hub.asked.length = 0;
		const reloaded = openFileCache(new MemoryBackedCaches(disk, () => undefined));
		expect(await bytesOf(downloadOf([weights], reloaded).start())).toEqual(BYTES);
		expect(hub.asked).toEqual([]);
	});

	it('with enough memory is no failure', async () => {
		const { weights } = await start();
		const disk = new Caches();
		disk.room = 3;
		const cache = openFileCache(new MemoryBackedCaches(disk, () => undefined));
		expect(await bytesOf(downloadOf([weights], cache).start())).toEqual(BYTES);
	});
});

it('parts that another tab deleted meanwhile are named, and loaded again', async () => {
	const { hub, weights } = await start();
	const disk = new Caches();
	const cache = openFileCache(new MemoryBackedCaches(disk, () => undefined));
	const source = (await downloadOf([weights], cache).start()).get(WEIGHTS);
	disk.files.delete(`${weights.address}?anchorage=${PART}-4`);
	await expect(source?.read(4000, 4001)).rejects.toMatchObject({ code: 'model-part-missing' });
	expect(await bytesOf(downloadOf([weights], cache).start())).toEqual(BYTES);
	expect(hub.starts(WEIGHTS)).toEqual([0, 4000]);
});

it('a missing file is named, and the others stop', async () => {
	const { hub, files } = await start();
	hub.files.delete('config.json');
	await expect(downloadOf(files, openFileCache(), { parallel: 1 }).start()).rejects.toMatchObject({
		code: 'model-file-missing',
		context: { file: 'config.json', status: 404 },
	});
	expect(hub.starts(WEIGHTS)).toEqual([]);
});

it('a busy server is asked again after the wait that it names', async () => {
	const { hub, weights } = await start();
	let busy = 1;
	hub.fault = (_request, response) => {
		if (busy-- <= 0) return false;
		response.writeHead(429, { 'retry-after': '0' }).end();
		return true;
	};
	expect(await bytesOf(downloadOf([weights], openFileCache()).start())).toEqual(BYTES);
	busy = 1;
	hub.fault = (_request, response) => {
		response.writeHead(429, { 'retry-after': '300' }).end();
		return true;
	};
	await expect(downloadOf([weights], openFileCache()).start()).rejects.toMatchObject({
		code: 'model-busy',
		hint: expect.stringContaining('300 seconds') as unknown,
	});
});
