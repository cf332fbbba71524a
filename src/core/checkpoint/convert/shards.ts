/** Divides the records into shards: files of about 32 MB, as MLC's tools write them. */
import type { MatchedRecord } from './matchTensors.ts';
import { formOf, type Storage, type StoredForm } from './storage.ts';

export interface PlannedRecord extends MatchedRecord {
	form: StoredForm;
	/** First byte in its shard. */
	byteOffset: number;
	nbytes: number;
}

export interface PlannedShard {
	/** File name: `params_shard_0.bin`. */
	path: string;
	nbytes: number;
	records: readonly PlannedRecord[];
}

const SHARD_BYTES = 32 * 2 ** 20;

/** Records in order, at most 32 MB together; a longer record is alone in its shard. */
export function planShards(records: readonly MatchedRecord[], storage: Storage): PlannedShard[] {
	const groups: PlannedRecord[][] = [];
	let size = 0;
	for (const record of records) {
		const form = formOf(record.shape, storage);
		const nbytes = form.bytes * record.shape.reduce((product, length) => product * length, 1);
		const last = groups.at(-1);
		if (last === undefined || size + nbytes > SHARD_BYTES) {
			groups.push([{ ...record, form, byteOffset: 0, nbytes }]);
			size = nbytes;
		} else {
			last.push({ ...record, form, byteOffset: size, nbytes });
			size += nbytes;
		}
	}
	return groups.map((group, i) => ({
		path: `params_shard_${i}.bin`,
		nbytes: group.reduce((sum, { nbytes }) => sum + nbytes, 0),
		records: group,
	}));
}
