/**
 * safetensors files: a header (safetensorsHeader.ts), then the raw little-endian numbers. Reads F64, F32, F16 and
 * BF16 into f32; writes F32, byte for byte like the safetensors library. The header is checked before any number
 * is copied, so that a small file cannot claim much memory.
 */
import { widenBrainFloat, widenHalf } from './float16.ts';
import { dataStartOf, LENGTH_BYTES, METADATA, readSafetensorsHeader } from './safetensorsHeader.ts';

export type SafetensorsDtype = 'F64' | 'F32' | 'F16' | 'BF16';

export interface SafeTensor {
	/** Type of the numbers in the file; `data` is always f32. */
	dtype: SafetensorsDtype;
	shape: readonly number[];
	data: Float32Array<ArrayBuffer>;
}

export interface SafetensorsFile {
	tensors: ReadonlyMap<string, SafeTensor>;
	metadata: Readonly<Record<string, string>>;
}

export interface NamedTensor {
	name: string;
	shape: readonly number[];
	data: Float32Array;
}

const BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2 } as const satisfies Record<SafetensorsDtype, number>;

/**
 * Copies the numbers, because typed arrays need aligned offsets and a tensor may start at any byte. Assumes a
 * little-endian machine, as WebGPU does.
 */
function numbers(bytes: Uint8Array, dtype: SafetensorsDtype): Float32Array<ArrayBuffer> {
	const { buffer } = new Uint8Array(bytes);
	if (dtype === 'F64') return Float32Array.from(new Float64Array(buffer));
	if (dtype === 'F32') return new Float32Array(buffer);
	const bits = new Uint16Array(buffer);
	return dtype === 'F16' ? widenHalf(bits) : widenBrainFloat(bits);
}

/**
 * Reads a whole file.
 *
 * @param source name of the file, for messages
 * @throws FormatError naming the tensor, if a header, type, shape or range is wrong or the file is cut off;
 *   `safetensors-foreign` for a file of another kind
 */
export function readSafetensors(bytes: Uint8Array, source = 'The safetensors file'): SafetensorsFile {
	const dataStart = dataStartOf(bytes, bytes.length, source);
	const data = bytes.subarray(dataStart);
	const json = bytes.subarray(LENGTH_BYTES, dataStart);
	const { entries, metadata } = readSafetensorsHeader(json, data.length, BYTES, source);
	const tensors = new Map(
		entries.map(({ name, dtype, shape, start, end }): [string, SafeTensor] => [
			name,
			{ dtype, shape, data: numbers(data.subarray(start, end), dtype) },
		]),
	);
	return { tensors, metadata };
}

/** Writes F32 tensors like the safetensors library: sorted by name, header padded with spaces to 8 bytes. */
export function writeSafetensors(
	tensors: readonly NamedTensor[],
	metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
	const sorted = tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
	const header: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [[METADATA, metadata]];
	let offset = 0;
	for (const { name, shape, data } of sorted) {
		header.push([name, { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }]);
		offset += data.byteLength;
	}
	// fromEntries, because assigning to `__proto__` would drop a tensor of that name.
	const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
	const headerLength = Math.ceil(text.length / 8) * 8;
	const out = new Uint8Array(LENGTH_BYTES + headerLength + offset);
	new DataView(out.buffer).setBigUint64(0, BigInt(headerLength), true);
	out.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerLength);
	out.set(text, LENGTH_BYTES);
	let at = LENGTH_BYTES + headerLength;
	for (const { data } of sorted) {
		out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
		at += data.byteLength;
	}
	return out;
}
