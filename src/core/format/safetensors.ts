/**
 * safetensors files: 8 bytes of header length (little-endian), a JSON header of names, types, shapes and byte
 * ranges, then the raw little-endian numbers. Reads F32, F16 and BF16 into f32; writes F32, byte for byte
 * like the safetensors library.
 */
import * as v from 'valibot';
import { FormatError } from '../errors.ts';
import { widenBrainFloat, widenHalf } from './float16.ts';

export type SafetensorsDtype = 'F32' | 'F16' | 'BF16';

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

const LENGTH_BYTES = 8;
const METADATA = '__metadata__';
const BYTES: Readonly<Record<SafetensorsDtype, number>> = { F32: 4, F16: 2, BF16: 2 };

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const entrySchema = v.object({
	dtype: v.string(),
	shape: v.array(count),
	data_offsets: v.tuple([count, count]),
});

function broken(source: string, message: string, context: Record<string, string | number> = {}): FormatError {
	return new FormatError(`${source}: ${message}`, {
		code: 'safetensors-invalid',
		hint: 'The file is damaged or not a safetensors file. Download or export it again.',
		context: { source, ...context },
	});
}

function readHeader(
	bytes: Uint8Array,
	source: string,
): { header: Record<string, unknown>; dataStart: number } {
	if (bytes.length < LENGTH_BYTES) throw broken(source, `has ${bytes.length} bytes, too few for a header.`);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const length = Number(view.getBigUint64(0, true));
	const dataStart = LENGTH_BYTES + length;
	if (dataStart > bytes.length) {
		throw broken(source, `announces a header of ${length} bytes but has only ${bytes.length} in all.`);
	}
	try {
		const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart));
		return { header: v.parse(v.record(v.string(), v.unknown()), JSON.parse(text)), dataStart };
	} catch (cause) {
		throw new FormatError(`${source}: the header is not a JSON object.`, {
			code: 'safetensors-invalid',
			hint: 'The file is damaged or not a safetensors file. Download or export it again.',
			cause,
		});
	}
}

function isDtype(text: string): text is SafetensorsDtype {
	return text in BYTES;
}

/**
 * Copies the numbers, because typed arrays need aligned offsets and a tensor may start at any byte. Assumes a
 * little-endian machine, as WebGPU does.
 */
function numbers(bytes: Uint8Array, dtype: SafetensorsDtype): Float32Array<ArrayBuffer> {
	const { buffer } = new Uint8Array(bytes);
	if (dtype === 'F32') return new Float32Array(buffer);
	const bits = new Uint16Array(buffer);
	return dtype === 'F16' ? widenHalf(bits) : widenBrainFloat(bits);
}

function readEntry(name: string, entry: unknown, data: Uint8Array, source: string): SafeTensor {
	const parsed = v.safeParse(entrySchema, entry);
	if (!parsed.success)
		throw broken(source, `the entry of "${name}" has no dtype, shape and data_offsets.`, { name });
	const { dtype, shape, data_offsets } = parsed.output;
	const [start, end] = data_offsets;
	if (!isDtype(dtype)) {
		throw broken(source, `"${name}" is of type ${dtype}; F32, F16 and BF16 can be read.`, { name, dtype });
	}
	const expected = shape.reduce((product, size) => product * size, 1) * BYTES[dtype];
	if (end - start !== expected) {
		throw broken(
			source,
			`"${name}" has ${end - start} bytes; its shape [${shape.join(', ')}] needs ${expected}.`,
			{ name },
		);
	}
	if (end > data.length) {
		throw broken(
			source,
			`"${name}" ends at byte ${end} of the data, which has ${data.length}: the file is cut off.`,
			{ name },
		);
	}
	return { dtype, shape, data: numbers(data.subarray(start, end), dtype) };
}

/**
 * Reads a whole file.
 *
 * @param source name of the file, for messages
 * @throws FormatError naming the tensor, if a header, type, shape or range is wrong or the file is cut off
 */
export function readSafetensors(bytes: Uint8Array, source = 'The safetensors file'): SafetensorsFile {
	const { header, dataStart } = readHeader(bytes, source);
	const data = bytes.subarray(dataStart);
	const tensors = new Map<string, SafeTensor>();
	for (const [name, entry] of Object.entries(header)) {
		if (name !== METADATA) tensors.set(name, readEntry(name, entry, data, source));
	}
	const metadata = v.safeParse(v.record(v.string(), v.string()), header[METADATA] ?? {});
	return { tensors, metadata: metadata.success ? metadata.output : {} };
}

/** Writes F32 tensors like the safetensors library: sorted by name, header padded with spaces to 8 bytes. */
export function writeSafetensors(
	tensors: readonly NamedTensor[],
	metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
	const sorted = tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
	const header: Record<string, unknown> = Object.keys(metadata).length === 0 ? {} : { [METADATA]: metadata };
	let offset = 0;
	for (const { name, shape, data } of sorted) {
		header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
		offset += data.byteLength;
	}
	const text = new TextEncoder().encode(JSON.stringify(header));
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
