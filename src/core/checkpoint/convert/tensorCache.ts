/** `tensor-cache.json` and the zeros of LoRA, as `python/webllm/shards.py` writes them. */
import type { ModelConfig } from '../../model/model.ts';
import { loraShapes } from './records.ts';
import type { PlannedShard } from './shards.ts';

/** A shard of `tensor-cache.json`. */
export interface ShardEntry {
	dataPath: string;
	format: 'raw-shard';
	nbytes: number;
	records: readonly RecordEntry[];
	/** Lower-case hex. */
	md5sum: string;
}

interface RecordEntry {
	name: string;
	shape: readonly number[];
	dtype: string;
	format: string;
	nbytes: number;
	byteOffset: number;
}

export const ZEROS = 'params_shard_lora_zeros.bin';

export function shardEntry({ path, nbytes, records }: PlannedShard, md5sum: string): ShardEntry {
	const entries = records.map(({ name, shape, form: { dtype, format }, nbytes, byteOffset }) => ({
		name,
		shape,
		dtype,
		format,
		nbytes,
		byteOffset,
	}));
	return { dataPath: path, format: 'raw-shard', nbytes, records: entries, md5sum };
}

/**
 * LoRA's parameters without content. All refer to the same bytes of one small shard, which is as long as the
 * largest of them: separate zeros would double the size of a small model.
 *
 * @param rank of the library
 */
export function zeroRecords(config: ModelConfig, rank: number): RecordEntry[] {
	return loraShapes(config, rank).map(({ name, shape }) => ({
		name,
		shape,
		dtype: 'float32',
		format: 'raw',
		nbytes: 4 * shape.reduce((product, length) => product * length, 1),
		byteOffset: 0,
	}));
}

export function zeroEntry(records: readonly RecordEntry[], md5sum: string): ShardEntry {
	return { dataPath: ZEROS, format: 'raw-shard', nbytes: zeroBytes(records), records, md5sum };
}

export function zeroBytes(records: readonly RecordEntry[]): number {
	return records.reduce((most, { nbytes }) => Math.max(most, nbytes), 0);
}

/** The parsed file. */
export function tensorCache(shards: readonly ShardEntry[]): object {
	return {
		metadata: {
			ParamSize: shards.reduce((sum, { records }) => sum + records.length, 0),
			ParamBytes: shards.reduce((sum, { nbytes }) => sum + nbytes, 0),
		},
		records: shards,
	};
}
