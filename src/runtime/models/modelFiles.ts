/** Loads a whole model as tensors for our own engine. */
import { configFromMlc } from '#core/model/config.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { Progress } from '#core/ports.ts';
import { CHAT_CONFIG, TOKENIZER, TOKENIZER_CONFIG } from './manifest.ts';
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

/** Replaceable parts, for tests. */
export type Extras = Pick<FolderOptions, 'fetch' | 'cache' | 'waits'>;

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
