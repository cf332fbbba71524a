/** Shards to tensors: every record of MLC's tensor cache as float32. */
import { FormatError } from '#core/errors.ts';
import { at } from '#core/math/at.ts';
import type { TensorRecord } from './manifest.ts';

export interface WeightTensor {
	shape: readonly number[];
	/** Row-major. */
	data: Float32Array<ArrayBuffer>;
}

/**
 * One record of a shard as float32: raw float32 and float16, and float32 stored as bfloat16 (its upper half).
 *
 * @param shard the whole shard file
 * @throws FormatError `shard-truncated` where the record lies outside the file, `tensor-size` where shape and bytes disagree,
 *         `tensor-unsupported` for packed integers (4-bit weights)
 */
export function decodeRecord(record: TensorRecord, shard: Uint8Array, file: string): WeightTensor {
	const { name, shape, byteOffset, nbytes } = record;
	if (byteOffset + nbytes > shard.length) {
		throw new FormatError(
			`${file} ends at byte ${shard.length}, but ${name} lies at ${byteOffset} to ${byteOffset + nbytes}.`,
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
				hint: 'The model’s files do not belong together; copy the whole folder anew.',
				context: { file, name },
			},
		);
	}
	// A copy of its own: it starts at an aligned address, and the shard can be let go.
	const bytes = shard.slice(byteOffset, byteOffset + nbytes);
	if (width === 4) return { shape, data: new Float32Array(bytes.buffer) };
	const halves = new Uint16Array(bytes.buffer);
	return { shape, data: record.dtype === 'float16' ? fromFloat16(halves) : fromBfloat16(halves) };
}

function bytesPerNumber(record: TensorRecord, file: string): 2 | 4 {
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

function fromBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
	const bits = new Uint32Array(halves.length);
	for (let i = 0; i < halves.length; i++) bits[i] = at(halves, i) << 16;
	return new Float32Array(bits.buffer);
}

function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
	const out = new Float32Array(halves.length);
	for (let i = 0; i < halves.length; i++) out[i] = float16(at(halves, i));
	return out;
}

/** IEEE 754 binary16, subnormals and infinities included. */
function float16(half: number): number {
	const sign = half & 0x8000 ? -1 : 1;
	const exponent = (half >> 10) & 31;
	const fraction = half & 1023;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
