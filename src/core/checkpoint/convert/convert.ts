/**
 * Converts a checkpoint to a model folder in MLC's format, which both engines read: `planFolder` checks everything
 * that the headers state, `folderFiles` reads, converts and hands out one file after the other.
 */
import { Cancelled } from '../../errors.ts';
import { expectVocabulary } from '../../model/vocabulary.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { chatConfig, type ChatLimits } from './chatConfig.ts';
import type { RenderChat } from './conversation.ts';
import { fillRecord } from './fillRecord.ts';
import { matchTensors } from './matchTensors.ts';
import { Rounding, type LargestRounding } from './rounding.ts';
import { planShards, type PlannedShard } from './shards.ts';
import type { Storage } from './storage.ts';
import {
	shardEntry,
	tensorCache,
	zeroBytes,
	zeroEntry,
	zeroRecords,
	ZEROS,
	type ShardEntry,
} from './tensorCache.ts';
import { withOneMeaningOfDigits } from './tokenizerJson.ts';

export interface FolderOptions extends ChatLimits {
	/** `lossless` chooses; a library that is compiled for one form needs that form. */
	storage: Storage;
	/** Largest LoRA rank of the library; 0 if it has no LoRA. */
	loraRank: number;
	/** Of the checkpoint's own tokenizer files (`loadTokenizer`). */
	renderChat: RenderChat;
}

export interface FolderPlan {
	checkpoint: Checkpoint;
	options: FolderOptions;
	shards: readonly PlannedShard[];
	/** Parsed `mlc-chat-config.json`. */
	chatConfig: object;
	/** Bytes of all shards, for progress and for the space that the cache needs. */
	bytes: number;
	/** Numbers of the model. */
	parameters: number;
}

export interface FolderFile {
	/** Name in the folder. */
	path: string;
	bytes: Uint8Array<ArrayBuffer>;
	/** MD5 in lower-case hex; of shards only, because `tensor-cache.json` states it. */
	md5: string | null;
}

/** MD5 of a shard that an earlier visit stored; null if it is not there. */
export type StoredShard = (shard: PlannedShard) => Promise<string | null>;

/** MD5 in lower-case hex. */
export type Md5 = (bytes: Uint8Array<ArrayBuffer>) => string | Promise<string>;

/**
 * Reads no numbers.
 *
 * @throws FormatError `weight-missing`, `weight-shape`, `weight-unexpected`, `tokenizer-vocab`,
 *   `tokenizer-no-end`, `chat-template-…`
 */
export function planFolder(checkpoint: Checkpoint, options: FolderOptions): FolderPlan {
	const { storage, renderChat } = options;
	expectVocabulary(checkpoint.tokenizerJson, checkpoint.config.vocabSize, 'tokenizer.json');
	const shards = planShards(matchTensors(checkpoint), storage);
	return {
		checkpoint,
		options,
		shards,
		chatConfig: chatConfig(checkpoint, storage, renderChat, options),
		bytes: shards.reduce((sum, { nbytes }) => sum + nbytes, 0),
		parameters: shards
			.flatMap(({ records }) => records)
			.reduce((sum, { nbytes, form }) => sum + nbytes / form.bytes, 0),
	};
}

/**
 * Takes the memory of the shard, and 24 MB.
 *
 * @throws FormatError `weight-not-finite`, `half-overflow`, `checkpoint-truncated`; the source's errors; Cancelled
 */
export async function convertShard(
	{ nbytes, records }: PlannedShard,
	rounding: Rounding,
	signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
	const bytes = new Uint8Array(nbytes);
	for (const record of records) {
		if (signal?.aborted === true) throw new Cancelled();
		await fillRecord(bytes, record, rounding, signal);
	}
	return bytes;
}

/**
 * The files of the folder, one at a time; the next one is read when the caller asks for it. `tensor-cache.json` is
 * the last: a folder that has it is complete.
 *
 * @param stored finds shards of an earlier visit, which are not converted again
 * @returns the largest rounding of what was converted, null if every number is stored exactly
 * @throws like {@link convertShard}
 */
export async function* folderFiles(
	plan: FolderPlan,
	md5: Md5,
	signal?: AbortSignal,
	stored?: StoredShard,
): AsyncGenerator<FolderFile, LargestRounding | null> {
	const { checkpoint, options } = plan;
	const rounding = new Rounding();
	const entries: ShardEntry[] = [];
	// A variable here would keep the bytes of a shard in memory while the next one is made.
	const converted = async (shard: PlannedShard): Promise<FolderFile> => {
		const bytes = await convertShard(shard, rounding, signal);
		const digest = await md5(bytes);
		entries.push(shardEntry(shard, digest));
		return { path: shard.path, bytes, md5: digest };
	};
	for (const shard of plan.shards) {
		const kept = (await stored?.(shard)) ?? null;
		if (kept !== null) entries.push(shardEntry(shard, kept));
		else yield await converted(shard);
	}
	if (options.loraRank > 0) {
		const records = zeroRecords(checkpoint.config, options.loraRank);
		const bytes = new Uint8Array(zeroBytes(records));
		const digest = await md5(bytes);
		entries.push(zeroEntry(records, digest));
		yield { path: ZEROS, bytes, md5: digest };
	}
	yield jsonFile('tokenizer.json', withOneMeaningOfDigits(checkpoint.tokenizerJson));
	yield jsonFile('tokenizer_config.json', checkpoint.tokenizerConfig);
	yield jsonFile('mlc-chat-config.json', plan.chatConfig);
	yield jsonFile('tensor-cache.json', tensorCache(entries));
	return rounding.largest;
}

function jsonFile(path: string, json: object): FolderFile {
	return { path, bytes: new TextEncoder().encode(JSON.stringify(json)), md5: null };
}
