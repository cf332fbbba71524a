/** Facts of a model's numbers that its tensor cache states. */
import type { NumberFormat } from '#core/format/numberFormat.ts';
import type { TensorCache, TensorRecord } from '../manifest.ts';

/** Number format of most of a model's weights, as the device reads them. */
export function weightFormat({ records }: TensorCache): NumberFormat {
	let largest: TensorRecord | null = null;
	for (const record of records.flatMap((shard) => shard.records))
		if (record.shape.length > 1 && record.nbytes > (largest?.nbytes ?? 0)) largest = record;
	if (largest === null) return 'f32';
	if (largest.name.endsWith('.q_weight')) return 'q4';
	if (largest.dtype === 'float16') return 'f16';
	return largest.format === 'f32-to-bf16' ? 'bf16' : 'f32';
}

/** Bytes of all shards. */
export function shardBytes({ records }: TensorCache): number {
	return records.reduce((sum, { nbytes }) => sum + nbytes, 0);
}
