/** Models are added from a hub over real HTTP, go on after a visit that ended, and are listed and deleted as a whole. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import type { KeepEvent, ModelPlace } from '#core/model/keeper.ts';
import { keptId, wantedModel } from '#core/model/keptId.ts';
import { openFileCache, type FileCache } from '#runtime/models/fileCache.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { KeptStore } from '#runtime/models/kept/keptStore.ts';
import { isServerAddress } from '#runtime/models/places/serverPlace.ts';
import { tinyFolder, tinyGgufFile } from '#tests/support/tinyModel.ts';
import { Caches } from './caches.ts';
import { REPOSITORY, serveHub, type HubFile, type HubServer } from './hubServer.ts';

const never = new AbortController().signal;
let hub: HubServer;
let caches: Caches;
let cache: FileCache;

beforeEach(async () => {
	const files = new Map<string, HubFile>();
	for (const { path, file } of [...tinyFolder('x'), tinyGgufFile('x/tiny-F32.gguf')]) {
		const bytes = Buffer.from(await file.arrayBuffer());
		files.set(path.slice(2), { bytes, isLarge: /\.(?:safetensors|gguf)$/.test(path) });
	}
	hub = await serveHub(files);
	caches = new Caches();
	cache = openFileCache(caches);
});
afterEach(() => hub.close());

const place = (more = ''): ModelPlace => ({ kind: 'address', text: `${hub.origin}/${REPOSITORY}${more}` });
const keeper = (): LocalModelKeeper => new LocalModelKeeper({ cache, transfer: { waits: [] } });

test('a look gives forms, sizes, licence and configuration, and stores nothing', async () => {
	const look = await keeper().inspect(place(), null, never);
	expect(look.forms.map(({ id }) => id)).toEqual(['safetensors', 'F32']);
	expect(look).toMatchObject({
		...{ id: `${REPOSITORY}@${hub.commit}:safetensors`, form: 'safetensors', refusal: null },
		license: { name: 'apache-2.0' },
		config: { layers: 1, hiddenSize: 32 },
	});
	const gguf = await keeper().inspect(place(), 'F32', never);
	expect(gguf).toMatchObject({ form: 'F32', config: { layers: 1 }, refusal: null });
	expect(caches.files.size).toBe(0);
});

test.each(['safetensors', 'F32'])(
	'%s is added, listed in the catalogue and deleted with all its files',
	async (form) => {
		const events: KeepEvent[] = [];
		const model = await keeper().keep(place(), form, (event) => events.push(event)).finished;
		expect(model.source).toMatchObject({
			...{ id: `${REPOSITORY}@${hub.commit}:${form}`, library: null },
			origin: { place: 'hub', repository: REPOSITORY, commit: hub.commit },
		});
		expect(model.license?.name).toBe('apache-2.0');
		expect([...new Set(events.map(({ phase }) => phase))]).toEqual(['downloading', 'converting']);
		// The parts of the source are freed: only the folder is left.
		expect([...caches.files.keys()].filter((url) => url.startsWith(hub.origin))).toEqual([]);
		expect((await keeper().shelf()).kept.map(({ source }) => source.id)).toEqual([model.source.id]);
		await keeper().remove(model.source.id);
		expect(caches.files.size).toBe(0);
	},
);

test('a visit that ended during the download goes on: no byte is loaded twice', async () => {
	hub.fault = ({ file }, response) => {
		if (file !== 'model.safetensors') return false;
		response.writeHead(503).end();
		return true;
	};
	await expect(keeper().keep(place(), 'safetensors', () => undefined).finished).rejects.toMatchObject({
		kind: 'remote',
	});
	const [left] = (await keeper().shelf()).unfinished;
	expect(left).toMatchObject({ title: REPOSITORY, form: 'safetensors' });
	hub.fault = () => false;
	hub.asked.length = 0;
	if (left?.place === undefined || left.place === null) throw new Error('no place');
	await keeper().keep(left.place, left.form, () => undefined).finished;
	expect(hub.starts('tokenizer.json')).toEqual([]);
	expect(hub.starts('model.safetensors')).toEqual([0]);
	expect(await keeper().shelf()).toMatchObject({ unfinished: [], kept: [{ form: 'safetensors' }] });
});

test('a conversion that ended goes on with the next shard', async () => {
	const disk: ModelPlace = { kind: 'disk', files: [tinyGgufFile()] };
	// The browser has no room after the job, the first shard and its digest.
	caches.room = 3;
	await expect(keeper().keep(disk, 'F32', () => undefined).finished).rejects.toMatchObject({
		code: 'kept-not-stored',
	});
	caches.room = Infinity;
	const [left] = (await keeper().shelf()).unfinished;
	expect(left).toMatchObject({ title: 'tiny-llama-F32.gguf', place: null });
	const written: string[] = [];
	const store = new KeptStore(cache);
	expect(await store.stored(left?.id ?? '', 'params_shard_0.bin', 0)).toBeNull();
	const spy: FileCache = {
		...cache,
		store: (scope, key, file) => (written.push(key), cache.store(scope, key, file)),
	};
	await new LocalModelKeeper({ cache: spy }).keep(disk, 'F32', () => undefined).finished;
	expect(written).toEqual([]);
	expect((await keeper().shelf()).unfinished).toEqual([]);
});

test('cancel deletes everything', async () => {
	const control = keeper().keep(place(), 'safetensors', ({ phase }) => {
		if (phase === 'converting') control.cancel();
	});
	await expect(control.finished).rejects.toThrow(Cancelled);
	expect(caches.files.size).toBe(0);
});

test('one damaged model hides no other', async () => {
	const model = await keeper().keep(place(), 'F32', () => undefined).finished;
	await new KeptStore(cache).write('other', 'manifest.json', new TextEncoder().encode('{'));
	const shelf = await keeper().shelf();
	expect(shelf.kept.map(({ source }) => source.id)).toEqual([model.source.id]);
	expect(shelf.damaged).toMatchObject([{ id: 'other', error: { code: 'model-file-not-json' } }]);
});

describe('ids say where a model comes from', () => {
	const commit = 'a'.repeat(40);
	test.each([
		[
			{ place: 'hub', repository: 'o/n', commit, page: 'p' } as const,
			'Q8_0',
			{ name: 'o/n, Q8_0', address: `o/n@${commit}:Q8_0` },
		],
		[
			{ place: 'server', address: 'https://x.test/m/' } as const,
			'safetensors',
			{ name: 'https://x.test/m/', address: 'https://x.test/m/' },
		],
		[{ place: 'disk', name: 'a b.gguf' } as const, 'F16', { name: 'a b.gguf, F16', address: null }],
	])('%o', (origin, form, wanted) => {
		expect(wantedModel(keptId(origin, form, 'f'.repeat(64)))).toEqual(wanted);
	});
	test('the embedded model is none of them', () => expect(wantedModel('anchor-1m')).toBeNull());
});

test.each([
	['https://x.test/models/a.gguf', true],
	['https://x.test/models/tiny/', true],
	['https://huggingface.co/o/n', false],
	['https://mirror.test/o/n/resolve/main/a.gguf', false],
	['o/n', false],
])('%s is a file or folder on a server: %s', (text, expected) => {
	expect(isServerAddress(text)).toBe(expected);
});
