/** Loads a model's files for our own engine. */
import { configFromMlc } from '#core/model/config.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import { freeNow } from '#core/format/freeNow.ts';
import type { Progress } from '#core/ports.ts';
import { CHAT_CONFIG, TOKENIZER, TOKENIZER_CONFIG } from './manifest.ts';
import { ModelFolder, type FolderOptions } from './modelFolder.ts';
import { readRecord, type WeightTensor } from './tensors.ts';
import { QuantisedJoin } from './quantised.ts';
import { expectVocabulary } from '#core/model/vocabulary.ts';

export interface ModelFiles {
	config: ModelConfig;
	/** Parsed `tokenizer.json`, `tokenizer_config.json`, `mlc-chat-config.json`. */
	tokenizerJson: unknown;
	tokenizerConfig: unknown;
	chatConfig: unknown;
	/**
	 * Hands out each weight once, by MLC's record name, without the library's LoRA parameters, which are zeros. Its numbers are valid
	 * until `use` settles. Of a kept model one weight is in memory at a time. Throws like {@link loadModelFiles}.
	 */
	eachWeight: (use: (name: string, tensor: WeightTensor) => Promise<void> | void) => Promise<void>;
}

/** Replaceable parts, for tests. */
export type Extras = Pick<FolderOptions, 'fetch' | 'cache' | 'waits'>;

/**
 * Loads the small files for training and generation, and opens the weights; cached files are not downloaded again.
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
	return {
		config,
		tokenizerJson,
		tokenizerConfig,
		chatConfig,
		eachWeight: async (use) => {
			const join = new QuantisedJoin(chatConfig);
			await folder.each([...byName.keys()], async (name, file) => {
				for (const record of byName.get(name)?.records ?? []) {
					if (/\.lora_[AB]$/.test(record.name)) continue;
					const weight = join.add(record.name, await readRecord(record, file, name));
					if (weight === null) continue;
					await use(weight.name, weight.tensor);
					freeNow(weight.tensor.data);
				}
			});
			join.expectWhole();
		},
	};
}
