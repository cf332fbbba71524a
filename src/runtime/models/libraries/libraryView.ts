/**
 * A kept folder as a compiled library reads it: the same shards and offsets, with records declared in the library's types, and LoRA
 * records of zeros. No library needs `shader-f16`: two numbers of 16 bits are one uint32, the first in the lower half.
 */
import { zeroBytes, zeroRecords, ZEROS } from '#core/checkpoint/convert/tensorCache.ts';
import type { LibraryWeights } from '#core/model/compiledLibrary.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { isRecord } from '#core/format/record.ts';
import { at } from '#core/math/at.ts';
import type { TensorCache, TensorRecord } from '../manifest.ts';

type StoredRecord = Pick<TensorRecord, 'name' | 'shape' | 'dtype' | 'format'>;

const isLora = ({ name }: StoredRecord): boolean => /\.lora_[AB]$/.test(name);
const isHalf = ({ dtype, shape }: StoredRecord): boolean => dtype === 'float16' && isEven(shape.at(-1));
const isBrain = ({ dtype, format, shape }: StoredRecord): boolean =>
	dtype === 'float32' && format === 'f32-to-bf16' && isEven(shape.at(-1));
const isMatrix = ({ shape }: StoredRecord): boolean => shape.length > 1;
const isFloat = ({ dtype }: StoredRecord): boolean => dtype === 'float32';
const isPacked = ({ name, dtype }: StoredRecord): boolean => dtype === 'uint32' && name.endsWith('.q_weight');
const isEven = (length: number | undefined): boolean => length !== undefined && length % 2 === 0;

/** By MLC's name of a form: the weights that libraries call so, and whether a record has that form. */
const FORMS: Readonly<Record<string, readonly [LibraryWeights, (record: StoredRecord) => boolean]>> = {
	q0f16: ['f16', isHalf],
	q0f32: ['bf16', (record) => (isMatrix(record) ? isBrain(record) : isFloat(record))],
	q4f16_1: ['q4f16_1', (record) => isPacked(record) || isHalf(record)],
	q4f32_1: ['q4f32_1', (record) => isPacked(record) || isFloat(record)],
};

/**
 * The form of a folder's weights; null if no library can read it.
 *
 * @param chatConfig the parsed `mlc-chat-config.json`, which names the form
 */
export function weightsOf(chatConfig: unknown, { records: shards }: TensorCache): LibraryWeights | null {
	const name = isRecord(chatConfig) ? chatConfig['quantization'] : null;
	if (typeof name !== 'string' || !Object.hasOwn(FORMS, name)) return null;
	const [weights, hasForm] = FORMS[name] ?? [];
	const stored = shards.flatMap(({ records }) => records).filter((record) => !isLora(record));
	if (weights === undefined || hasForm === undefined || stored.length === 0) return null;
	return stored.every(hasForm) ? weights : null;
}

/** True for records that a library of these weights reads as pairs of numbers. */
function isPaired(record: StoredRecord, weights: LibraryWeights): boolean {
	return weights === 'bf16' ? isMatrix(record) && isBrain(record) : isHalf(record);
}

export interface LibraryView {
	/** The content of the library's `tensor-cache.json`. */
	tensorCache: object;
	/** File name and length of the shard of zeros; null for a library without LoRA. */
	zeros: { path: string; bytes: number } | null;
}

/** The records as they are stored, for a prebuilt library: WebLLM itself widens them. */
export function storedView(
	{ records: shards }: TensorCache,
	addressOf: (path: string) => string,
): LibraryView {
	const placed = shards.map((shard) => ({ ...shard, dataPath: addressOf(shard.dataPath) }));
	return { tensorCache: cacheOf(placed), zeros: null };
}

/**
 * @param addressOf address of a shard of the kept folder
 * @param rank      LoRA rank of the records; 0 without LoRA
 */
export function libraryView(
	{ records: shards }: TensorCache,
	weights: LibraryWeights,
	{ config, rank, addressOf }: { config: ModelConfig; rank: number; addressOf: (path: string) => string },
): LibraryView {
	const stored = shards.flatMap(({ records, ...shard }) => {
		const own = records.filter((record) => !isLora(record)).map((record) => declared(record, weights));
		return own.length === 0 ? [] : [{ ...shard, dataPath: addressOf(shard.dataPath), records: own }];
	});
	if (rank === 0) return { tensorCache: cacheOf(stored), zeros: null };
	const zeros = zeroRecords(config, rank);
	const bytes = zeroBytes(zeros);
	const shard = { dataPath: ZEROS, format: 'raw-shard', nbytes: bytes, records: zeros };
	return { tensorCache: cacheOf([...stored, shard]), zeros: { path: ZEROS, bytes } };
}

function declared(record: TensorRecord, weights: LibraryWeights): TensorRecord {
	if (!isPaired(record, weights)) return record;
	const last = record.shape.length - 1;
	const shape = [...record.shape.slice(0, last), at(record.shape, last) / 2];
	return { ...record, shape, dtype: 'uint32', format: 'raw' };
}

function cacheOf(shards: readonly { nbytes: number; records: readonly unknown[] }[]): object {
	return {
		metadata: {
			ParamSize: shards.reduce((sum, { records }) => sum + records.length, 0),
			ParamBytes: shards.reduce((sum, { nbytes }) => sum + nbytes, 0),
		},
		records: shards,
	};
}
