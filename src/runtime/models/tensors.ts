/** Decodes the records of MLC's shards to float32, or keeps their float16 bits. */
import { FormatError } from '#core/errors.ts';
import { widenBrainFloat } from '#core/format/float16.ts';
import type { TensorRecord } from './manifest.ts';

export interface WeightTensor {
	shape: readonly number[];
	/** Row-major: float32, or bits of float16. */
	data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
}

/**
 * Decodes one record of a shard: float32, stored raw or as bfloat16 (its upper half), or float16, whose bits
 * are kept.
 *
 * @param shard the whole shard file
 * @throws FormatError `shard-truncated` if the record is outside the file, `tensor-size` if shape and bytes
 *   disagree, `tensor-unsupported` for packed integers (4-bit weights)
 */
export function decodeRecord(record: TensorRecord, shard: Uint8Array, file: string): WeightTensor {
	const { name, shape, byteOffset, nbytes } = record;
	if (byteOffset + nbytes > shard.length) {
		throw new FormatError(
			`${file} ends at byte ${shard.length}, but ${name} is at bytes ${byteOffset} to ${byteOffset + nbytes}.`,
			{
				code: 'shard-truncated',
				hint: 'Load the model again.',
				context: { file, bytes: shard.length, expected: byteOffset + nbytes },
			},
		);
	}
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
	// The copy starts at an aligned address and does not keep the shard in memory.
	const bytes = shard.slice(byteOffset, byteOffset + nbytes);
	if (width === 4) return { shape, data: new Float32Array(bytes.buffer) };
	const halves = new Uint16Array(bytes.buffer);
	return { shape, data: record.dtype === 'float16' ? halves : widenBrainFloat(halves) };
}

/** @throws FormatError `tensor-unsupported` for packed integers (4-bit weights) */
export function expectDecodable(record: Pick<TensorRecord, 'name' | 'dtype' | 'format'>, file: string): void {
	bytesPerNumber(record, file);
}

function bytesPerNumber(record: Pick<TensorRecord, 'name' | 'dtype' | 'format'>, file: string): 2 | 4 {
	if (record.dtype === 'float32' && record.format === 'f32-to-bf16') return 2;
	if (record.dtype === 'float32' && record.format === 'raw') return 4;
	if (record.dtype === 'float16' && (record.format === 'raw' || record.format === 'f32-to-bf16')) return 2;
	throw new FormatError(
		`${file}: ${record.name} is ${record.dtype} (${record.format}), which cannot be trained on yet.`,
		{
			code: 'tensor-unsupported',
			hint: 'Take a float32 or float16 build of this model (q0f32, q0f16): 4-bit ones can only chat.',
			context: { file, name: record.name, dtype: record.dtype, format: record.format },
		},
	);
}
