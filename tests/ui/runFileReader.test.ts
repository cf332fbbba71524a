/** Run files read in their own thread, in real Chromium. */
import { expect, test, vi } from 'vitest';
import { compress } from '#core/format/compress.ts';
import { writeRunFile } from '#core/run/runFile.ts';
import { failure } from '#tests/support/browserStorage.ts';
import { checkpointOf, runRecord } from '#tests/support/runs.ts';
import { readInThread } from '#worker/runFileReader.ts';

const ended: string[] = [];
function start(): Worker {
	const worker = new Worker(new URL('../../src/worker/runFile.worker.ts', import.meta.url), {
		type: 'module',
	});
	const terminate = worker.terminate.bind(worker);
	worker.terminate = () => {
		ended.push('ended');
		terminate();
	};
	return worker;
}

test('a run with its adapter arrives as it was, and the thread ends', async () => {
	const { adapter } = checkpointOf(20);
	const bytes = await writeRunFile({ record: runRecord('a'), adapters: [adapter] });
	expect(await readInThread(start, bytes, 'x')).toEqual({
		record: runRecord('a'),
		adapters: [adapter],
		mended: [],
	});
	expect(ended).toEqual(['ended']);
});

test('a small file of very many values is unpacked and read in the thread alone', async () => {
	// 60 MB of JSON in less than a megabyte: within the limit of bytes, beyond the limit of values.
	const text = `{"x":[${'1,2,3,4,5,6,7,8,9,0,'.repeat(3_000_000)}1]}`;
	const noise = crypto.getRandomValues(new Uint8Array(65_536));
	const padding = Array.from({ length: 16 }, () => [...noise].map((byte) => byte.toString(36)).join('')).join(
		'',
	);
	const bytes = await compress(new TextEncoder().encode(`${text}${padding}`), 'gzip');
	const parse = vi.spyOn(JSON, 'parse');
	const inflate = vi.spyOn(globalThis, 'DecompressionStream');
	const error = await failure(readInThread(start, bytes, 'many.run.json.gz'));
	expect(parse.mock.calls.filter(([json]) => json.length > 1000)).toEqual([]);
	expect(inflate).not.toHaveBeenCalled();
	vi.restoreAllMocks();
	expect(['json-too-many', 'compressed-too-large']).toContain(error.code);
	expect(error.message).toContain('many.run.json.gz');
});

test('a thread that cannot start is reported with the file', async () => {
	const missing = (): Worker => new Worker('/no-such.worker.js', { type: 'module' });
	const error = await failure(readInThread(missing, new Uint8Array(3), 'x'));
	expect(error.code).toBe('run-file-crashed');
	expect(error.message).toMatch(/^Reading x stopped/);
});
