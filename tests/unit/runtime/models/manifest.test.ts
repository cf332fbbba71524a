/** Descriptions of a model folder that come from outside. */
import { describe, expect, it } from 'vitest';
import { expectedOfShard, readManifest, readTensorCache } from '#runtime/models/manifest.ts';

const SHA256 = 'a'.repeat(64);
const MANIFEST = { id: 'm', title: 'M', library: 'm.wasm', loraMaxRank: 8, parameters: 1 };
const bytesOf = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
const file = (change: object): unknown => ({ path: 'a.bin', bytes: 1, sha256: SHA256, ...change });
const manifest =
	(...files: unknown[]): (() => unknown) =>
	() =>
		readManifest(bytesOf({ ...MANIFEST, files }), 'https://x/m/manifest.json');

describe('a manifest', () => {
	it.each([
		'a.bin',
		'ndarray-cache.json',
		'sub/params_shard_12.bin',
		'name with spaces+1.bin',
		'..a',
		'a..b',
	])('may name %j', (path) => {
		expect(manifest(file({ path }))).not.toThrow();
	});

	it.each([
		'../a.bin',
		'a/../../b.bin',
		'/etc/passwd',
		'https://elsewhere.example/a.bin',
		'//elsewhere.example/a.bin',
		'C:\\a.bin',
		'..\\a.bin',
		'a.bin?x=1',
		'a.bin#x',
		'a//b.bin',
		'./a.bin',
		'a/',
		'%2e%2e/a.bin',
		'data:,x',
		'\u0000',
		'',
		'x'.repeat(300),
	])('may not name %j', (path) => {
		expect(manifest(file({ path }))).toThrow(
			/^https:\/\/x\/m\/manifest\.json: files\.0\.path is not usable: it should be a path inside/,
		);
	});

	it.each([
		[{ sha256: 'ab' }, /files\.0\.sha256 is not usable: it should be the SHA-256, 64/],
		[{ sha256: 'z'.repeat(64) }, /sha256 is not usable: it should be the SHA-256 in hexadecimal/],
		[{ sha256: null }, /sha256 is not usable/],
		[{ bytes: -1 }, /files\.0\.bytes is not usable/],
		[{ bytes: 1.5 }, /files\.0\.bytes is not usable/],
		[{ bytes: 1e300 }, /files\.0\.bytes is not usable/],
	])('%j is refused', (change, message) => {
		expect(manifest(file(change))).toThrow(message);
	});

	it('names each file once, and its library inside the folder', () => {
		expect(manifest(file({}), file({ bytes: 2 }))).toThrow(/files is not usable: it names a file twice/);
		const library = bytesOf({ ...MANIFEST, library: 'https://elsewhere.example/x.wasm', files: [] });
		expect(() => readManifest(library, 'm')).toThrow(/library is not usable/);
	});
});

describe('a tensor cache', () => {
	const record = { name: 'w', shape: [1], dtype: 'float32', format: 'raw', nbytes: 4, byteOffset: 0 };
	const shard = { dataPath: 'params_shard_0.bin', nbytes: 4, records: [record] };
	const read = (...records: unknown[]) => readTensorCache({ records }, 'https://x/m/tensor-cache.json');

	it('may have no digest, or null', () => {
		const [none, empty] = read(shard, { ...shard, dataPath: 'b.bin', md5sum: null, records: [] }).records;
		expect(none && expectedOfShard(none).digest).toBeNull();
		expect(empty && expectedOfShard(empty).digest).toBeNull();
	});

	it.each([
		[{ md5sum: 'abc' }, /records\.0\.md5sum is not usable: it should be the MD5, 32/],
		[{ dataPath: '../../secret' }, /records\.0\.dataPath is not usable/],
		[
			{ records: [{ ...record, byteOffset: 1 }] },
			/records\.0 is not usable: a record of it ends after the shard/,
		],
		[{ records: [{ ...record, shape: [0.5] }] }, /records\.0\.records\.0\.shape\.0 is not usable/],
		[{ records: [record, record] }, /records is not usable: it names a tensor twice/],
		[{ nbytes: '4' }, /records\.0\.nbytes is not usable/],
	])('%j is refused', (change, message) => {
		expect(() => read({ ...shard, ...change })).toThrow(message);
	});

	it('names each shard once', () => {
		expect(() => read(shard, { ...shard, records: [] })).toThrow(/it names a shard twice/);
	});
});
