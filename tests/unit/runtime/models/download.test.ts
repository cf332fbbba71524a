/** Downloads that fail: tried again where that can help, named where it cannot, and never kept as good. */
import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import { download, type DownloadOptions } from '#runtime/models/download.ts';
import { UNKNOWN, type Expected } from '#runtime/models/manifest.ts';

const GOOD = Buffer.from('the shard’s own bytes');
const EXPECTED: Expected = {
	bytes: GOOD.length,
	digest: { algorithm: 'sha256', hex: createHash('sha256').update(GOOD).digest('hex') },
};
type Answer = (response: ServerResponse) => void;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	await Promise.all(closers.splice(0).map((close) => close()));
});

/** Answers the requests in turn; the last answer repeats. */
async function serve(...answers: Answer[]): Promise<{ address: string; asked: () => number }> {
	let asked = 0;
	const server = createServer((_request, response) => {
		const answer = answers[Math.min(asked++, answers.length - 1)];
		answer?.(response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	closers.push(
		() =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	);
	const { port } = server.address() as AddressInfo;
	return { address: `http://127.0.0.1:${port}/model/params_shard_0.bin`, asked: () => asked };
}

const get = (address: string, options: Partial<DownloadOptions> = {}): Promise<Uint8Array | null> =>
	download(address, {
		fetch: (input, init) => fetch(input, init),
		signal: new AbortController().signal,
		onBytes: () => undefined,
		expected: EXPECTED,
		waits: [1, 1],
		...options,
	});

const good: Answer = (response) => response.end(GOOD);
const status =
	(code: number): Answer =>
	(response) =>
		response.writeHead(code).end();
const cutOff: Answer = (response) => {
	response.writeHead(200, { 'content-length': String(GOOD.length) });
	response.write(GOOD.subarray(0, 5), () => response.destroy());
};
const body =
	(content: string | Buffer, type = 'application/octet-stream'): Answer =>
	(response) =>
		response.writeHead(200, { 'content-type': type }).end(content);

describe('is tried again, and then right', () => {
	it.each<[string, Answer]>([
		['a connection that breaks off', cutOff],
		['a connection that is closed without an answer', (response) => response.destroy()],
		['a server that is busy', status(503)],
		['a limit of requests', status(429)],
		['a file cut short without an error', body(GOOD.subarray(0, 7))],
		['a file with other bytes', body(Buffer.alloc(GOOD.length))],
		['a file that is too long', body(Buffer.concat([GOOD, GOOD]))],
	])('%s', async (_what, fault) => {
		const { address, asked } = await serve(fault, fault, good);
		let count = 0;
		const bytes = await get(address, { onBytes: (more) => (count += more) });
		expect(Buffer.from(bytes ?? [])).toEqual(GOOD);
		expect(asked()).toBe(3);
		// The bytes of the failed tries do not count.
		expect(count).toBe(GOOD.length);
	});
});

describe('is named at the end of the tries', () => {
	it.each<[string, Answer, string, RegExp, number]>([
		['a connection that breaks off', cutOff, 'model-cut-off', /broke off after 5 bytes/, 3],
		['a busy server', status(503), 'model-busy', /answered 503/, 3],
		['a file cut short', body(GOOD.subarray(0, 7)), 'shard-truncated', /has 7 bytes instead of/, 3],
		['a refused request', status(403), 'model-refused', /answered 403/, 1],
		[
			'a login page',
			body('<!doctype html><title>Log in', 'text/html'),
			'model-file-html',
			/is a web page/,
			1,
		],
		['an XHTML page', body('<x/>', 'application/xhtml+xml'), 'model-file-html', /is a web page/, 1],
		[
			'a page under another type',
			body('\n<HTML><body>Sign in', 'text/plain'),
			'model-file-html',
			/is a web page/,
			1,
		],
		['a page without a type', body('<!-- x --><html>', ''), 'model-file-html', /is a web page/, 1],
		[
			'a pointer of Git LFS',
			body('version https://git-lfs.github.com/spec/v1'.slice(0, GOOD.length)),
			'shard-hash-mismatch',
			/damaged/,
			3,
		],
		[
			'a short pointer of Git LFS',
			body('version https://git-lfs'.slice(0, GOOD.length - 1)),
			'shard-truncated',
			/bytes instead of/,
			3,
		],
	])('%s', async (_what, fault, code, message, tries) => {
		const { address, asked } = await serve(fault);
		const error = await get(address).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ code, message: expect.stringMatching(message) as unknown });
		expect((error as { hint: string }).hint).not.toBe('');
		expect(asked()).toBe(tries);
	});

	it('a server that stops sending', async () => {
		const { address, asked } = await serve((response) => {
			response.writeHead(200, { 'content-length': String(GOOD.length) });
			response.write(GOOD.subarray(0, 4));
		});
		await expect(get(address, { patience: 300, waits: [1] })).rejects.toMatchObject({
			code: 'model-stalled',
			message: expect.stringContaining('after 4 bytes') as unknown,
		});
		expect(asked()).toBe(2);
	});

	it('an answer without an end is stopped at the size that the file should have', async () => {
		let sent = 0;
		const { address } = await serve((response) => {
			const more = (): void => {
				while (!response.destroyed && response.write(GOOD)) sent += GOOD.length;
			};
			response.on('drain', more);
			more();
		});
		await expect(get(address, { waits: [] })).rejects.toMatchObject({ code: 'shard-size-mismatch' });
		expect(sent).toBeLessThan(2 ** 24);
	});
});

it('a stop ends the waiting between two tries', async () => {
	const stop = new AbortController();
	const { address } = await serve((response) => {
		response.writeHead(503).end(() => stop.abort());
	});
	await expect(get(address, { waits: [60_000], signal: stop.signal })).rejects.toBeInstanceOf(Cancelled);
});

it('a missing file is no failure', async () => {
	const { address } = await serve(status(404));
	expect(await get(address)).toBeNull();
});

it('a file of unknown size must have the form of its name', async () => {
	const { address } = await serve(body('{"cut": '));
	const json = address.replace('params_shard_0.bin', 'tokenizer.json');
	await expect(get(json, { expected: UNKNOWN })).rejects.toMatchObject({ code: 'model-file-not-json' });
	const wasm = address.replace('params_shard_0.bin', 'model.wasm');
	await expect(get(wasm, { expected: UNKNOWN })).rejects.toMatchObject({ code: 'shard-not-wasm' });
});
