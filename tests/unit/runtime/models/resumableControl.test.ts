/** A resumable download is paused, cancelled, and ended by a full disk. */
import { afterEach, describe, expect, it } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import type { TransferProgress } from '#core/checkpoint/transferRate.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { MemoryBackedCaches } from '#runtime/models/memoryCaches.ts';
import { MODEL_PARTS } from '#runtime/models/modelScopes.ts';
import { Caches } from './caches.ts';
import { type HubServer } from './hubServer.ts';
import { BYTES, bytesOf, closeHubs, cuts, downloadOf, PART, start, WEIGHTS } from './resuming.ts';

afterEach(closeHubs);

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
		expect(cache.held()).toBeGreaterThan(2000);
		expect(download.state).toBe('failed');
		disk.room = Infinity;
		expect(await bytesOf(download.start())).toEqual(BYTES);
		expect(cache.held()).toBe(0);
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
