/**
 * Converts a checkpoint to a model folder in MLC's format, which both engines read: `planFolder` checks everything
 * that the headers state, `folderFiles` reads, converts and hands out one file after the other.
 */
import { Cancelled } from '../../errors.ts';
import { expectVocabulary } from '../../model/vocabulary.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { chatConfig, type ChatLimits } from './chatConfig.ts';
import type { RenderChat } from './conversation.ts';
import { matchTensors } from './matchTensors.ts';
import { recordPieces } from './recordPieces.ts';
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
	/** Bytes. */
	size: number;
	/** The bytes, to be read once and to the end before the next file is asked for. A piece is valid until the next one. */
	pieces: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** MD5 of a shard that an earlier visit stored; null if it is not there. */
export type StoredShard = (shard: PlannedShard) => Promise<string | null>;

/** An MD5 of bytes that arrive in pieces. */
export interface Md5 {
	update(piece: Uint8Array): void;
	/** Lower-case hex. */
	hex(): string;
}

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
 * The bytes of a shard, piece by piece, in a few MB of memory.
 *
 * @throws FormatError `weight-not-finite`, `half-overflow`, `checkpoint-truncated`; the source's errors; Cancelled
 */
async function* shardPieces(
	{ records }: PlannedShard,
	rounding: Rounding,
	signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	for (const record of records) {
		if (signal?.aborted === true) throw new Cancelled();
		yield* recordPieces(record, rounding, signal);
	}
}

/**
 * The files of the folder, one at a time. `tensor-cache.json` is the last: a folder that has it is complete.
 *
 * @param newMd5 `tensor-cache.json` states the MD5 of every shard
 * @param stored finds shards of an earlier visit, which are not converted again
 * @returns the largest rounding of what was converted, null if every number is stored exactly
 * @throws Cancelled; the pieces of a file throw like {@link shardPieces}
 */
export async function* folderFiles(
	plan: FolderPlan,
	newMd5: () => Md5,
	signal?: AbortSignal,
	stored?: StoredShard,
): AsyncGenerator<FolderFile, LargestRounding | null> {
	const { checkpoint, options } = plan;
	const rounding = new Rounding();
	const entries: ShardEntry[] = [];
	for (const shard of plan.shards) {
		if (signal?.aborted === true) throw new Cancelled();
		const kept = (await stored?.(shard)) ?? null;
		if (kept !== null) entries.push(shardEntry(shard, kept));
		else {
			const pieces = shardPieces(shard, rounding, signal);
			const taken = (md5: string): void => void entries.push(shardEntry(shard, md5));
			yield { path: shard.path, size: shard.nbytes, pieces: digested(pieces, newMd5(), taken) };
		}
	}
	if (options.loraRank > 0) {
		const records = zeroRecords(checkpoint.config, options.loraRank);
		const bytes = new Uint8Array(zeroBytes(records));
		const taken = (md5: string): void => void entries.push(zeroEntry(records, md5));
		yield { path: ZEROS, size: bytes.length, pieces: digested(once(bytes), newMd5(), taken) };
	}
	yield jsonFile('tokenizer.json', withOneMeaningOfDigits(checkpoint.tokenizerJson));
	yield jsonFile('tokenizer_config.json', checkpoint.tokenizerConfig);
	yield jsonFile('mlc-chat-config.json', plan.chatConfig);
	yield jsonFile('tensor-cache.json', tensorCache(entries));
	return rounding.largest;
}

async function* digested(
	pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
	md5: Md5,
	onEnd: (md5: string) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	for await (const piece of pieces) {
		md5.update(piece);
		yield piece;
	}
	onEnd(md5.hex());
}

/** A small file of a folder. */
export function jsonFile(path: string, json: unknown): FolderFile {
	const bytes = new TextEncoder().encode(JSON.stringify(json));
	return { path, size: bytes.length, pieces: once(bytes) };
}

async function* once(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	await Promise.resolve();
	yield bytes;
}
