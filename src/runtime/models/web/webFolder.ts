/**
 * A model in a folder of any server. Such a server lists no files, so that the files are asked for by the names that transformers
 * and MLC give them; a GGUF file needs its own address.
 */
import * as v from 'valibot';
import { COMPANIONS, expectForms, type ModelForm } from '#core/checkpoint/modelForms.ts';
import { mapWithConcurrency } from '#core/concurrency.ts';
import { Cancelled, FormatError } from '#core/errors.ts';
import { digestOf } from '../digest.ts';
import { download } from '../download.ts';
import { type FileCache, openFileCache } from '../fileCache.ts';
import type { Fetch } from '../http/request.ts';
import { CHAT_CONFIG, expectedOfShard, parseJson, readTensorCache, UNKNOWN } from '../manifest.ts';
import { keepWhole } from '../transfer/partStore.ts';
import type { RemoteFile } from '../transfer/remoteFile.ts';
import { probe, type ProbeOptions } from './probe.ts';

export interface WebFolder {
	/** Address without scheme, for people. */
	name: string;
	/** Address of the files, with a slash at the end. */
	folder: string;
	files: ReadonlyMap<string, RemoteFile>;
	/** At least one. */
	forms: readonly ModelForm[];
}

export interface WebFolderOptions extends Partial<ProbeOptions> {
	signal: AbortSignal;
	fetch?: Fetch;
	cache?: FileCache;
	/** Bytes of a part; the same as for the download. */
	partSize?: number;
}

const TENSOR_CACHES = ['tensor-cache.json', 'ndarray-cache.json'];
const INDEX = 'model.safetensors.index.json';
const SMALL = [CHAT_CONFIG, ...TENSOR_CACHES, INDEX, ...COMPANIONS];
const PARALLEL = 6;
const SPLIT = /^(.{1,200})-\d{5}-of-(\d{5})\.(gguf|safetensors)$/;
const MOST_SPLITS = 1000;

const indexSchema = v.looseObject({
	weight_map: v.record(v.string(), v.pipe(v.string(), v.regex(/^[\w.-]{1,200}\.safetensors$/))),
});

/**
 * Finds the files of a model at an address: that of its folder, or of its GGUF or safetensors file. Small files are loaded, and
 * stored, on the way.
 *
 * @throws FormatError `web-folder-address`, `model-form-unknown`, `model-index-invalid`; RemoteError as `download`, and
 *   `model-size-unknown`; Cancelled
 */
export async function openWebFolder(address: string, options: WebFolderOptions): Promise<WebFolder> {
	const url = readUrl(address);
	const at = url.pathname.lastIndexOf('/') + 1;
	const named = decodeURIComponent(url.pathname.slice(at));
	const isFile = /\.(?:gguf|safetensors)$/i.test(named);
	const folder =
		isFile || named === '' ? new URL(url.pathname.slice(0, at), url).href : `${url.origin}${url.pathname}/`;
	const search = new FolderSearch(folder, isFile ? url.search : '', options);
	await search.each(SMALL, (name) => search.takeSmall(name));
	if (isFile) await search.takeWeights(splitsOf(named));
	else await search.takeWeights(search.weightNames());
	const name = `${url.host}${decodeURIComponent(url.pathname)}`;
	const listed = [...search.files.values()];
	return { name, folder, files: search.files, forms: expectForms(listed, name) };
}

class FolderSearch {
	readonly files = new Map<string, RemoteFile>();
	readonly #texts = new Map<string, Uint8Array<ArrayBuffer>>();
	readonly #folder: string;
	/** Query of a signed address; it belongs to the weights. */
	readonly #query: string;
	readonly #options: WebFolderOptions;
	readonly #asking: ProbeOptions;

	constructor(folder: string, query: string, options: WebFolderOptions) {
		this.#folder = folder;
		this.#query = query;
		this.#options = options;
		this.#asking = { ...options, fetch: options.fetch ?? ((input, init) => fetch(input, init)) };
	}

	async each(names: readonly string[], take: (name: string) => Promise<void>): Promise<void> {
		const { signal } = this.#options;
		const results = await mapWithConcurrency(names, PARALLEL, take, signal, { stopWhen: () => true });
		for (const result of results) if (result.state === 'failed') throw result.error;
		if (signal.aborted) throw new Cancelled();
	}

	/** Loads a configuration or tokenizer file, if it is there. */
	async takeSmall(name: string): Promise<void> {
		const address = new URL(encodeURIComponent(name), this.#folder).href;
		const bytes = await download(address, {
			...this.#asking,
			onBytes: () => undefined,
			expected: UNKNOWN,
		}).catch((error: unknown) => {
			// Servers of single-page apps answer every unknown address with the page.
			if (error instanceof FormatError && error.code === 'model-file-html') return null;
			throw error;
		});
		if (bytes === null) return;
		const digest = { algorithm: 'sha256', hex: await digestOf('sha256', bytes) } as const;
		const file: RemoteFile = { path: name, address, size: bytes.length, digest };
		this.files.set(name, file);
		this.#texts.set(name, bytes);
		await keepWhole(this.#options.cache ?? openFileCache(), file, bytes, this.#options.partSize);
	}

	/** Names of the weights by the index of transformers, else the usual name; MLC's shards are taken at once. */
	weightNames(): readonly string[] {
		const cacheName = TENSOR_CACHES.find((name) => this.#texts.has(name));
		if (cacheName !== undefined && this.#texts.has(CHAT_CONFIG)) {
			for (const shard of readTensorCache(this.#json(cacheName), this.#folder + cacheName).records) {
				const { bytes, digest } = expectedOfShard(shard);
				const address = new URL(shard.dataPath, this.#folder).href;
				this.files.set(shard.dataPath, { path: shard.dataPath, address, size: bytes ?? 0, digest });
			}
		}
		if (!this.#texts.has(INDEX)) return ['model.safetensors'];
		const index = v.safeParse(indexSchema, this.#json(INDEX));
		if (!index.success) throw badIndex(this.#folder + INDEX);
		return [...new Set(Object.values(index.output.weight_map))];
	}

	async takeWeights(names: readonly string[]): Promise<void> {
		await this.each(names, async (name) => {
			const address = new URL(encodeURIComponent(name) + this.#query, this.#folder).href;
			const found = await probe(address, this.#asking);
			if (found !== null) this.files.set(name, { path: name, address, digest: null, ...found });
		});
	}

	#json(name: string): unknown {
		return parseJson(this.#texts.get(name) ?? new Uint8Array(0), this.#folder + name);
	}
}

/** All splits of a model in several files. */
function splitsOf(name: string): readonly string[] {
	const [, stem = '', count = '', end = ''] = SPLIT.exec(name) ?? [];
	const total = Number(count);
	if (stem === '' || total > MOST_SPLITS) return [name];
	return Array.from(
		{ length: total },
		(_, i) => `${stem}-${String(i + 1).padStart(5, '0')}-of-${count}.${end}`,
	);
}

function readUrl(text: string): URL {
	const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
	// Browsers refuse addresses with a user name and password.
	const isRight = url !== null && /^https?:$/.test(url.protocol) && url.username + url.password === '';
	if (isRight && isDecodable(url.pathname)) return url;
	throw new FormatError('The address of the model’s folder is not usable.', {
		code: 'web-folder-address',
		hint: 'Write the whole address of the folder that holds config.json or mlc-chat-config.json, or of a GGUF file, without a user name.',
	});
}

function isDecodable(path: string): boolean {
	try {
		decodeURIComponent(path);
		return true;
	} catch {
		return false;
	}
}

function badIndex(address: string): FormatError {
	return new FormatError(`${address} is no index of safetensors files.`, {
		code: 'model-index-invalid',
		hint: 'It should have weight_map, which names a .safetensors file of the same folder for each tensor. Copy the folder again.',
		context: { address },
	});
}
