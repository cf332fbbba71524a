/**
 * Descriptions of a model folder: our own `manifest.json` (size and SHA-256 of every file) and MLC's
 * `tensor-cache.json` (the records of every shard). Parsed and validated once, here.
 */
import * as v from 'valibot';
import { FormatError } from '#core/errors.ts';
import type { Digest } from './digest.ts';

export const MANIFEST = 'manifest.json';
export const CHAT_CONFIG = 'mlc-chat-config.json';
export const TENSOR_CACHE = 'tensor-cache.json';
export const TOKENIZER = 'tokenizer.json';
export const TOKENIZER_CONFIG = 'tokenizer_config.json';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const manifestSchema = v.looseObject({
	id: v.pipe(v.string(), v.minLength(1)),
	title: v.string(),
	library: v.pipe(v.string(), v.minLength(1)),
	loraMaxRank: count,
	parameters: count,
	files: v.array(
		v.looseObject({ path: v.string(), bytes: count, sha256: v.pipe(v.string(), v.hexadecimal()) }),
	),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;

const tensorCacheSchema = v.looseObject({
	records: v.array(
		v.looseObject({
			dataPath: v.string(),
			nbytes: count,
			md5sum: v.optional(v.string()),
			records: v.array(
				v.looseObject({
					name: v.string(),
					shape: v.array(count),
					dtype: v.string(),
					format: v.string(),
					nbytes: count,
					byteOffset: count,
				}),
			),
		}),
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
		digest: md5sum === undefined ? null : { algorithm: 'md5', hex: md5sum.toLowerCase() },
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
