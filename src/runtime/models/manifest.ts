/**
 * Descriptions of a model folder: our own `manifest.json` (size and SHA-256 of every file) and MLC's
 * `tensor-cache.json` (the records of every shard). Parsed and validated once, here.
 */
import * as v from 'valibot';
import { FormatError } from '#core/errors.ts';
import type { ModelLibrary } from '#core/model/model.ts';
import type { Digest } from './digest.ts';

export const MANIFEST = 'manifest.json';
export const CHAT_CONFIG = 'mlc-chat-config.json';
export const TENSOR_CACHE = 'tensor-cache.json';
export const TOKENIZER = 'tokenizer.json';
export const TOKENIZER_CONFIG = 'tokenizer_config.json';

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/**
 * A file inside the model's folder. Anything that leaves the folder, an address included, would read or cache
 * a file of another place under this model's name.
 */
const innerPath = v.pipe(
	v.string(),
	v.check(isInnerPath, 'it should be a path inside the model’s folder, such as params_shard_0.bin'),
);

function isInnerPath(path: string): boolean {
	return (
		path.length <= 200 &&
		/^[\w.@+ -]+(?:\/[\w.@+ -]+)*$/.test(path) &&
		path.split('/').every((part) => !/^\.+$/.test(part))
	);
}

const hexOf = (length: number, algorithm: string) =>
	v.pipe(
		v.string(),
		v.hexadecimal(`it should be the ${algorithm} in hexadecimal digits`),
		v.length(length, `it should be the ${algorithm}, ${length} hexadecimal digits`),
	);

const originSchema = v.variant('place', [
	v.object({ place: v.literal('hub'), repository: v.string(), commit: v.string(), page: v.string() }),
	v.object({ place: v.literal('server'), address: v.string() }),
	v.object({ place: v.literal('disk'), name: v.string() }),
]);

/** Facts of a model that the user added. */
const keptSchema = v.object({
	origin: originSchema,
	license: v.nullable(v.object({ name: v.string(), address: v.nullable(v.string()) })),
	/** The form that it was made from. */
	form: v.string(),
});
export type KeptFacts = v.InferOutput<typeof keptSchema>;

const manifestSchema = v.looseObject({
	id: v.pipe(v.string(), v.minLength(1)),
	title: v.string(),
	library: v.nullable(innerPath),
	loraMaxRank: count,
	parameters: count,
	files: v.pipe(
		v.array(v.looseObject({ path: innerPath, bytes: count, sha256: hexOf(64, 'SHA-256') })),
		v.check((files) => new Set(files.map(({ path }) => path)).size === files.length, 'it names a file twice'),
	),
	/** Absent for models beside the page. */
	kept: v.exactOptional(keptSchema),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;

const recordSchema = v.looseObject({
	name: v.string(),
	shape: v.array(count),
	dtype: v.string(),
	format: v.string(),
	nbytes: count,
	byteOffset: count,
});

const shardSchema = v.pipe(
	v.looseObject({
		dataPath: innerPath,
		nbytes: count,
		md5sum: v.nullish(hexOf(32, 'MD5')),
		records: v.array(recordSchema),
	}),
	v.check(
		({ nbytes, records }) => records.every((record) => record.byteOffset + record.nbytes <= nbytes),
		'a record of it ends after the shard does',
	),
);

const tensorCacheSchema = v.looseObject({
	records: v.pipe(
		v.array(shardSchema),
		v.check(
			(shards) => new Set(shards.map(({ dataPath }) => dataPath)).size === shards.length,
			'it names a shard twice',
		),
		v.check((shards) => {
			const names = shards.flatMap(({ records }) => records.map(({ name }) => name));
			return new Set(names).size === names.length;
		}, 'it names a tensor twice'),
	),
});

export type TensorCache = v.InferOutput<typeof tensorCacheSchema>;
export type Shard = TensorCache['records'][number];
export type TensorRecord = Shard['records'][number];

/** Expected size and digest of a file; null if unknown. */
export interface Expected {
	bytes: number | null;
	digest: Digest | null;
}

export const UNKNOWN: Expected = { bytes: null, digest: null };

/** @throws FormatError `model-file-not-json` naming the file */
export function parseJson(bytes: Uint8Array, address: string): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(bytes));
	} catch (cause) {
		throw new FormatError(`${address} is not JSON.`, {
			code: 'model-file-not-json',
			hint: 'The model’s files are damaged; load the model again.',
			context: { address },
			cause,
		});
	}
}

export function readManifest(bytes: Uint8Array, address: string): Manifest {
	return read(manifestSchema, parseJson(bytes, address), address, 'manifest-invalid');
}

export function readTensorCache(json: unknown, address: string): TensorCache {
	return read(tensorCacheSchema, json, address, 'tensor-cache-invalid');
}

/** The library among the model's files; null if it has none. */
export function ownLibrary({
	library: file,
	loraMaxRank: loraRank,
}: Pick<Manifest, 'library' | 'loraMaxRank'>): ModelLibrary | null {
	return file === null ? null : { place: 'folder', file, loraRank };
}

/** Expected files by name; empty if the folder has no manifest. */
export function expectationsOf(manifest: Manifest | null): ReadonlyMap<string, Expected> {
	return new Map(
		manifest?.files.map((file) => [
			file.path,
			{ bytes: file.bytes, digest: { algorithm: 'sha256', hex: file.sha256.toLowerCase() } },
		]),
	);
}

/** For folders without a manifest: size and digest of a shard from MLC's tensor cache. */
export function expectedOfShard(shard: Shard): Expected {
	const { md5sum } = shard;
	return {
		bytes: shard.nbytes,
		digest: typeof md5sum === 'string' ? { algorithm: 'md5', hex: md5sum.toLowerCase() } : null,
	};
}

function read<const S extends v.GenericSchema>(
	schema: S,
	json: unknown,
	address: string,
	code: string,
): v.InferOutput<S> {
	const result = v.safeParse(schema, json);
	if (result.success) return result.output;
	const [issue] = result.issues;
	const path = v.getDotPath(issue) ?? 'its content';
	throw new FormatError(`${address}: ${path} is not usable: ${issue.message}.`, {
		code,
		hint: 'The model’s files are damaged or of another form; load the model again, or copy the folder again.',
		context: { address, path },
	});
}
