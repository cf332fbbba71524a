/** The weights of a kept model go to their user one by one: no two need to be in memory. */
import { expect, test } from 'vitest';
import type { FileCache } from '#runtime/models/fileCache.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { KeptStore } from '#runtime/models/kept/keptStore.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { Caches } from './caches.ts';
import { modelFolder } from './folder.ts';

const never = new AbortController().signal;
const ID = 'disk:tiny@0123456789abcdef:MLC';

test('each weight is read when the one before was used', async () => {
	const events: string[] = [];
	const stored = openFileCache(new Caches());
	const cache: FileCache = {
		...stored,
		open: async (scope, key) => {
			const file = await stored.open(scope, key);
			const shard = /params_shard_\d\.bin$/.exec(key)?.[0];
			if (file === null || shard === undefined) return file;
			const read = (start: number, end: number): Promise<Uint8Array<ArrayBuffer>> => {
				events.push(`reads ${end - start} bytes of ${shard}`);
				return file.read(start, end);
			};
			return { ...file, read };
		},
	};
	const store = new KeptStore(stored);
	const files = [];
	for (const [path, bytes] of modelFolder()) files.push(await store.write(ID, path, Uint8Array.from(bytes)));
	const origin = { place: 'disk', name: 'tiny' } as const;
	const { source } = await store.list(
		ID,
		{
			...{ id: ID, title: 'tiny', library: null, loraMaxRank: 0, parameters: 1 },
			kept: { origin, license: null, form: 'MLC' },
		},
		files,
	);
	const { eachWeight } = await loadModelFiles(source, () => undefined, never, { cache });
	expect(events).toEqual([]);
	await eachWeight((name) => void events.push(name));
	expect(events).toEqual([
		...['reads 24 bytes of params_shard_0.bin', 'a.weight'],
		...['reads 4 bytes of params_shard_0.bin', 'b.weight'],
		...['reads 8 bytes of params_shard_0.bin', 'c.weight'],
		...['reads 4 bytes of params_shard_1.bin', 'd.weight'],
	]);
});
