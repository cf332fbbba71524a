/** A resumable download that is cut, stalled or refused a Range goes on with the next byte. */
import { afterEach, describe, expect, it } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import type { TransferProgress } from '#core/checkpoint/transferRate.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { cutAfter, type HubServer } from './hubServer.ts';
import { BYTES, bytesOf, closeHubs, cuts, downloadOf, start, WEIGHTS } from './resuming.ts';

afterEach(closeHubs);

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

it('a server that hides its Content-Range from the page continues, too', async () => {
	const { hub, weights } = await start();
	let cut = 1;
	hub.fault = (request, response) => {
		if (request.file !== WEIGHTS) return false;
		if (cut-- > 0) return cutAfter(2000, BYTES, request, response);
		response.writeHead(206, { 'content-length': '8500' }).end(BYTES.subarray(2000));
		return true;
	};
	expect(await bytesOf(downloadOf([weights], openFileCache()).start())).toEqual(BYTES);
	expect(hub.starts(WEIGHTS)).toEqual([0, 2000]);
});

/** The cut answer of a server that ignores Range is that to a request without it. */
function withoutRange(fault: HubServer['fault']): HubServer['fault'] {
	return ({ headers, ...request }, response) => {
		return fault({ ...request, headers: { ...headers, range: undefined } }, response);
	};
}

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
