/** The weights of a kept model go to their user shard by shard: no two shards need to be in memory. */
import { expect, test } from 'vitest';
import type { FileCache } from '#runtime/models/fileCache.ts';
import { openFileCache } from '#runtime/models/fileCache.ts';
import { KeptStore } from '#runtime/models/kept/keptStore.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { Caches } from './caches.ts';
import { modelFolder } from './folder.ts';

const never = new AbortController().signal;
const ID = 'disk:tiny@0123456789abcdef:MLC';

test('each shard is read when the weights of the one before were used', async () => {
	const events: string[] = [];
	const stored = openFileCache(new Caches());
	const cache: FileCache = new Proxy(stored, {
		get: (target, name) => {
			const member = Reflect.get(target, name) as (...args: string[]) => Promise<unknown>;
			if (name !== 'read') return member.bind(target);
			return async (scope: string, key: string) => {
				const shard = /params_shard_\d\.bin$/.exec(key)?.[0];
				if (shard !== undefined) events.push(`reads ${shard}`);
				return member.call(target, scope, key);
			};
		},
	});
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
	await eachWeight((name) => events.push(name));
	expect(events).toEqual([
		'reads params_shard_0.bin',
		...['a.weight', 'b.weight', 'c.weight'],
		'reads params_shard_1.bin',
		'd.weight',
	]);
});
