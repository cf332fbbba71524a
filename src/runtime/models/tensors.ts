/** Reads the records of MLC's shards in the format in which they are stored. */
import { FormatError } from '#core/errors.ts';
import type { NumberFormat } from '#core/format/numberFormat.ts';
import type { StoredFile } from './fileCache.ts';
import type { TensorRecord } from './manifest.ts';

export interface WeightTensor {
	shape: readonly number[];
	/** Row-major: float32, bits of 16-bit floats, or packed integers (quantised.ts). */
	data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
	/** Default: f32 for a Float32Array, f16 for a Uint16Array. */
	format?: NumberFormat;
}

/**
 * Reads one record of a shard: float32, stored raw or as bfloat16 (its upper half), float16, or packed integers.
 * Bits are kept as they are; the numbers are a view of the shard where its addresses allow one.
 *
 * @param shard the whole shard file
 * @throws FormatError `shard-truncated` if the record is outside the file, `tensor-size` if shape and bytes
 *   disagree, `tensor-unsupported` for other types
 */
export function decodeRecord(
	record: TensorRecord,
	shard: Uint8Array<ArrayBuffer>,
	file: string,
): WeightTensor {
	const { name, shape, byteOffset, nbytes } = record;
	expectInside(record, shard.length, file);
	const size = shape.reduce((product, n) => product * n, 1);
	const width = bytesPerNumber(record, file);
	if (size * width !== nbytes) {
		throw new FormatError(
			`${file}: ${name} [${shape.join(', ')}] should take ${size * width} bytes, not ${nbytes}.`,
			{
				code: 'tensor-size',
				hint: 'The model’s files do not belong together; copy the whole folder again.',
				context: { file, name },
			},
		);
	}
	const { buffer, byteOffset: start } = aligned(shard.subarray(byteOffset, byteOffset + nbytes), width);
	if (record.dtype === 'uint32') return { shape, data: new Uint32Array(buffer, start, size) };
	if (width === 4) return { shape, data: new Float32Array(buffer, start, size) };
	const format = record.dtype === 'float16' ? 'f16' : 'bf16';
	return { shape, data: new Uint16Array(buffer, start, size), format };
}

/**
 * Reads a record from a file that is not in memory; the caller owns the numbers.
 *
 * @throws like {@link decodeRecord}; those of the file
 */
export async function readRecord(
	record: TensorRecord,
	shard: Pick<StoredFile, 'size' | 'read'>,
	file: string,
): Promise<WeightTensor> {
	const { byteOffset, nbytes } = record;
	expectInside(record, shard.size, file);
	const bytes = await shard.read(byteOffset, byteOffset + nbytes);
	return decodeRecord({ ...record, byteOffset: 0 }, bytes, file);
}

function expectInside({ name, byteOffset, nbytes }: TensorRecord, size: number, file: string): void {
	if (byteOffset + nbytes <= size) return;
	throw new FormatError(
		`${file} ends at byte ${size}, but ${name} is at bytes ${byteOffset} to ${byteOffset + nbytes}.`,
		{
			code: 'shard-truncated',
			hint: 'Load the model again.',
			context: { file, bytes: size, expected: byteOffset + nbytes },
		},
	);
}

/** The same bytes at an address that a view of this width can have; copied only if they are at another. */
function aligned(bytes: Uint8Array<ArrayBuffer>, width: number): Uint8Array<ArrayBuffer> {
	return bytes.byteOffset % width === 0 ? bytes : bytes.slice();
}

/** @throws FormatError `tensor-unsupported` for a type that cannot be read */
export function expectDecodable(record: Pick<TensorRecord, 'name' | 'dtype' | 'format'>, file: string): void {
	bytesPerNumber(record, file);
}

function bytesPerNumber(record: Pick<TensorRecord, 'name' | 'dtype' | 'format'>, file: string): 2 | 4 {
	if (record.dtype === 'float32' && record.format === 'f32-to-bf16') return 2;
	if (record.dtype === 'float32' && record.format === 'raw') return 4;
	if (record.dtype === 'uint32' && record.format === 'raw' && record.name.endsWith('.q_weight')) return 4;
	if (record.dtype === 'float16' && (record.format === 'raw' || record.format === 'f32-to-bf16')) return 2;
	throw new FormatError(
		`${file}: ${record.name} is ${record.dtype} (${record.format}), which cannot be trained on.`,
		{
			code: 'tensor-unsupported',
			hint: 'Take a build of this model in q4f16_1, q4f32_1, q0f16 or q0f32; others can only chat.',
			context: { file, name: record.name, dtype: record.dtype, format: record.format },
		},
	);
}
