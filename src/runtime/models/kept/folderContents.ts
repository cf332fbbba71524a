/** The files of a kept folder, made from a model's source files one at a time. */
import type { ByteSource } from '#core/checkpoint/bytes.ts';
import { folderFiles, jsonFile, planFolder, type FolderFile } from '#core/checkpoint/convert/convert.ts';
import { lossless } from '#core/checkpoint/convert/storage.ts';
import type { GgufForm, MlcForm, ModelForm, SafetensorsForm } from '#core/checkpoint/modelForms.ts';
import { freeNow } from '#core/format/freeNow.ts';
import { configFromMlc } from '#core/model/config.ts';
import type { ModelLicense } from '#core/model/license.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { expectVocabulary } from '#core/model/vocabulary.ts';
import { loadTokenizer } from '../../tokenizer/tokenizer.ts';
import { hasherOf } from '../digest.ts';
import type { StoredFile } from '../fileCache.ts';
import {
	CHAT_CONFIG,
	expectedOfShard,
	readTensorCache,
	TENSOR_CACHE,
	TOKENIZER,
	TOKENIZER_CONFIG,
	type Expected,
	type TensorCache,
} from '../manifest.ts';
import { expectReadable } from '../quantised.ts';
import { expectDecodable } from '../tensors.ts';
import { expectDigest, expectSize } from '../verify.ts';
import { checkpointOf } from './checkpointOf.ts';
import { FormFiles, type SourceOf } from './readFiles.ts';
import { shardBytes } from './weightFormat.ts';

export interface FolderContents {
	config: ModelConfig;
	/** That the files state; null if they state none. */
	license: ModelLicense | null;
	/** Bytes of the shards. */
	bytes: number;
	/**
	 * @param stored a shard that an earlier visit stored, which is not made again; null if it is not there
	 * @returns every file that is not stored, the small ones last
	 */
	files: (stored: StoredShard) => AsyncGenerator<FolderFile>;
}

export type StoredShard = (path: string, nbytes: number) => Promise<StoredFile | null>;

/** Bytes of one read. */
const SLICE = 2 ** 20;
/** Chats of more tokens need more memory than a page has. */
const MOST_POSITIONS = 8192;
/** Tokens that WebLLM feeds at once. */
const PREFILL_CHUNK = 1024;

/**
 * Checks everything that the headers state; reads no weights, but those that decide how they are stored.
 *
 * @throws FormatError naming file, field or tensor; the sources' errors; Cancelled
 */
export function folderContents(
	form: ModelForm,
	sourceOf: SourceOf,
	signal: AbortSignal,
): Promise<FolderContents> {
	return form.kind === 'mlc' ? copied(form, sourceOf, signal) : converted(form, sourceOf, signal);
}

async function converted(
	form: SafetensorsForm | GgufForm,
	sourceOf: SourceOf,
	signal: AbortSignal,
): Promise<FolderContents> {
	const checkpoint = await checkpointOf(form, sourceOf, signal);
	const tools = loadTokenizer(checkpoint.tokenizerJson, checkpoint.tokenizerConfig);
	const plan = planFolder(checkpoint, {
		storage: await lossless(checkpoint, signal),
		loraRank: 0,
		renderChat: (messages, opensAnswer) => tools.renderChat(messages, opensAnswer),
		contextWindow: MOST_POSITIONS,
		prefillChunk: PREFILL_CHUNK,
	});
	return {
		config: checkpoint.config,
		license: checkpoint.license,
		bytes: plan.bytes,
		files: (stored) =>
			folderFiles(
				plan,
				() => hasherOf('md5', 0),
				signal,
				async ({ path, nbytes }) => {
					const file = await stored(path, nbytes);
					return file === null ? null : md5Of(file);
				},
			),
	};
}

/** A folder in MLC's form keeps its numbers as they are. */
async function copied(form: MlcForm, sourceOf: SourceOf, signal: AbortSignal): Promise<FolderContents> {
	const { small, tensors, config } = await openMlc(form, sourceOf, signal);
	const shards = tensors.records;
	return {
		config,
		license: null,
		bytes: shardBytes(tensors),
		async *files(stored) {
			for (const shard of shards) {
				if ((await stored(shard.dataPath, shard.nbytes)) !== null) continue;
				const source = sourceOf(form.folder + shard.dataPath);
				const pieces = verifiedPieces(source, expectedOfShard(shard), signal);
				yield { path: shard.dataPath, size: source.size, pieces };
			}
			for (const [path, json] of small) yield jsonFile(path, json);
		},
	};
}

/** Null if the browser no longer has the bytes. */
async function md5Of(file: StoredFile): Promise<string | null> {
	const { size } = file;
	const hasher = hasherOf('md5', size);
	for (let at = 0; at < size; at += SLICE) {
		const bytes = await file.read(at, Math.min(size, at + SLICE)).catch(() => null);
		if (bytes === null) return null;
		hasher.update(bytes);
		freeNow(bytes);
	}
	return hasher.hex();
}

/** @throws FormatError like `verify`, after the last piece if the digest is wrong */
async function* verifiedPieces(
	source: ByteSource,
	{ bytes: size, digest }: Expected,
	signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	if (source.size !== size)
		expectSize(source.name, await source.read(0, Math.min(source.size, SLICE), signal), size, source.size);
	const hasher = digest === null ? null : hasherOf(digest.algorithm, source.size);
	for (let at = 0; at < source.size; at += SLICE) {
		const piece = await source.read(at, Math.min(source.size, at + SLICE), signal);
		hasher?.update(piece);
		yield piece;
		freeNow(piece);
	}
	if (digest !== null && hasher !== null) expectDigest(source.name, digest, hasher.hex());
}

/**
 * Reads the small files of a folder in MLC's form.
 *
 * @throws FormatError `tensor-unsupported` for a quantised form that cannot be read
 */
export async function openMlc(
	form: MlcForm,
	sourceOf: SourceOf,
	signal: AbortSignal,
): Promise<{ small: ReadonlyMap<string, unknown>; tensors: TensorCache; config: ModelConfig }> {
	const files = new FormFiles(form, sourceOf, signal);
	const chatConfig = await files.json(CHAT_CONFIG);
	const config = configFromMlc(chatConfig, CHAT_CONFIG);
	const tensorCacheName = form.tensorCache.slice(form.folder.length);
	const json = await files.json(tensorCacheName);
	const tensors = readTensorCache(json, tensorCacheName);
	for (const { dataPath, records } of tensors.records)
		for (const record of records) {
			expectDecodable(record, dataPath);
			expectReadable(chatConfig, record.name);
		}
	const tokenizer = await files.json(TOKENIZER);
	const tokenizerConfig = await files.json(TOKENIZER_CONFIG);
	loadTokenizer(tokenizer, tokenizerConfig).renderChat([{ role: 'user', content: 'Hello' }], true);
	expectVocabulary(tokenizer, config.vocabSize, TOKENIZER);
	return {
		config,
		tensors,
		small: new Map([
			[TOKENIZER, tokenizer],
			[TOKENIZER_CONFIG, tokenizerConfig],
			[CHAT_CONFIG, chatConfig],
			[TENSOR_CACHE, json],
		]),
	};
}
