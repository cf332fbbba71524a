/** The files of a kept folder, made from a model's source files one at a time. */
import { folderFiles, planFolder } from '#core/checkpoint/convert/convert.ts';
import { lossless } from '#core/checkpoint/convert/storage.ts';
import type { GgufForm, MlcForm, ModelForm, SafetensorsForm } from '#core/checkpoint/modelForms.ts';
import { configFromMlc } from '#core/model/config.ts';
import type { ModelLicense } from '#core/model/license.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { expectVocabulary } from '#core/model/vocabulary.ts';
import { loadTokenizer } from '../../tokenizer/tokenizer.ts';
import { digestOf } from '../digest.ts';
import {
	CHAT_CONFIG,
	expectedOfShard,
	readTensorCache,
	TENSOR_CACHE,
	TOKENIZER,
	TOKENIZER_CONFIG,
	type TensorCache,
} from '../manifest.ts';
import { expectReadable } from '../quantised.ts';
import { expectDecodable } from '../tensors.ts';
import { verify } from '../verify.ts';
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
	 * @param stored bytes of a shard that an earlier visit stored, which is not made again; null if it is not there
	 * @returns every file that is not stored, the small ones last
	 */
	files: (stored: StoredShard) => AsyncGenerator<{ path: string; bytes: Uint8Array<ArrayBuffer> }>;
}

export type StoredShard = (path: string, nbytes: number) => Promise<Uint8Array<ArrayBuffer> | null>;

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
	const md5 = (bytes: Uint8Array<ArrayBuffer>): Promise<string> => digestOf('md5', bytes);
	return {
		config: checkpoint.config,
		license: checkpoint.license,
		bytes: plan.bytes,
		files: (stored) =>
			folderFiles(plan, md5, signal, async ({ path, nbytes }) => {
				const bytes = await stored(path, nbytes);
				return bytes === null ? null : md5(bytes);
			}),
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
				const bytes = await source.read(0, source.size, signal);
				await verify(shard.dataPath, bytes, expectedOfShard(shard));
				yield { path: shard.dataPath, bytes };
			}
			for (const [path, json] of small) yield { path, bytes: new TextEncoder().encode(JSON.stringify(json)) };
		},
	};
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
