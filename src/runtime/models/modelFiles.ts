/** Loads a whole model: as tensors for our own engine, as checked files in WebLLM's cache for WebLLM. */
import { hasConversation } from '#core/checkpoint/convert/conversation.ts';
import { AppError } from '#core/errors.ts';
import { configFromMlc } from '#core/model/config.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import { noLibrary } from '#core/model/noLibrary.ts';
import type { Progress } from '#core/ports.ts';
import { webLlmFolder } from './fileCache.ts';
import { CHAT_CONFIG, TENSOR_CACHE, TOKENIZER, TOKENIZER_CONFIG } from './manifest.ts';
import { ModelFolder, type FolderOptions } from './modelFolder.ts';
import { decodeRecord, type WeightTensor } from './tensors.ts';
import { joinQuantised } from './quantised.ts';
import { expectVocabulary } from '#core/model/vocabulary.ts';

export interface ModelFiles {
	config: ModelConfig;
	/** Weights by MLC's record name, without the library's LoRA parameters, which are zeros. */
	tensors: ReadonlyMap<string, WeightTensor>;
	/** Parsed `tokenizer.json`, `tokenizer_config.json`, `mlc-chat-config.json`. */
	tokenizerJson: unknown;
	tokenizerConfig: unknown;
	chatConfig: unknown;
}

type Extras = Pick<FolderOptions, 'fetch' | 'cache' | 'waits'>;

/**
 * Loads all files for training and generation; cached files are not downloaded again.
 *
 * @param source its `url` must be absolute
 * @throws RemoteError (missing, refused, cut off), FormatError (damaged, another form), Cancelled
 */
export async function loadModelFiles(
	source: ModelSource,
	onProgress: (progress: Progress) => void,
	signal: AbortSignal,
	extras: Extras = {},
): Promise<ModelFiles> {
	const folder = new ModelFolder(source, { ...extras, onProgress, signal });
	const { records: shards } = await folder.open();
	const byName = new Map(shards.map((shard) => [shard.dataPath, shard]));
	folder.plan([CHAT_CONFIG, TOKENIZER, TOKENIZER_CONFIG, ...byName.keys()]);
	const chatConfig = await folder.json(CHAT_CONFIG);
	const tokenizerJson = await folder.json(TOKENIZER);
	const tokenizerConfig = await folder.json(TOKENIZER_CONFIG);
	const config = configFromMlc(chatConfig, CHAT_CONFIG);
	expectVocabulary(tokenizerJson, config.vocabSize, TOKENIZER);
	const tensors = new Map<string, WeightTensor>();
	await folder.each([...byName.keys()], (name, bytes) => {
		for (const record of byName.get(name)?.records ?? []) {
			if (!/\.lora_[AB]$/.test(record.name)) tensors.set(record.name, decodeRecord(record, bytes, name));
		}
	});
	return {
		config,
		tensors: joinQuantised(tensors, chatConfig),
		tokenizerJson,
		tokenizerConfig,
		chatConfig,
	};
}

export interface WebLlmFiles {
	config: ModelConfig;
	chatConfig: unknown;
	/** Folder address as WebLLM expects it; all files that WebLLM requests are in its cache. */
	folder: string;
	/** The compiled library, checked. */
	library: Uint8Array<ArrayBuffer>;
}

/**
 * Puts every file that WebLLM will request into WebLLM's own cache, checked against the manifest, because
 * WebLLM does not check weights.
 *
 * @throws like {@link loadModelFiles}, AppError `webllm-no-library` and `webllm-no-chat`, and StorageError `model-cache-full`, because WebLLM
 *   reads only from its cache
 */
export async function prepareForWebLlm(
	source: ModelSource,
	onProgress: (progress: Progress) => void,
	signal: AbortSignal,
	extras: Extras = {},
): Promise<WebLlmFiles> {
	const { library: libraryName } = source;
	if (libraryName === null) throw noLibrary(source.title);
	const folder = new ModelFolder(source, { ...extras, onProgress, signal, mustKeep: true });
	const { records: shards } = await folder.open();
	const shardNames = shards.map((shard) => shard.dataPath);
	folder.plan([CHAT_CONFIG, TOKENIZER, libraryName, TENSOR_CACHE, ...shardNames]);
	const chatConfig = await folder.json(CHAT_CONFIG);
	if (!hasConversation(chatConfig)) throw irregularChat(source.title);
	const library = await folder.bytes(libraryName);
	await folder.each([TOKENIZER, TENSOR_CACHE, ...shardNames], () => undefined);
	return {
		config: configFromMlc(chatConfig, CHAT_CONFIG),
		chatConfig,
		folder: webLlmFolder(new URL(source.url).href),
		library,
	};
}

function irregularChat(title: string): AppError {
	return new AppError(`The chat template of ${title} does not hold the user’s text once and unchanged.`, {
		code: 'webllm-no-chat',
		hint: 'WebLLM cannot build such chats. The compute engine answers with this model.',
	});
}
