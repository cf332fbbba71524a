/**
 * safetensors files: 8 bytes of header length (little-endian), a JSON header of names, types, shapes and byte
 * ranges, then the raw little-endian numbers. Reads F64, F32, F16 and BF16 into f32; writes F32, byte for byte
 * like the safetensors library. Like the library, refuses ranges that overlap or leave holes, before any number
 * is copied, so that a small file cannot claim much memory.
 */
import * as v from 'valibot';
import { FormatError } from '../errors.ts';
import { widenBrainFloat, widenHalf } from './float16.ts';
import { foreignFile } from './foreignFile.ts';
import { repeatedKey } from './jsonKeys.ts';

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

const LENGTH_BYTES = 8;
/** The library's limit. */
const MOST_HEADER_BYTES = 100_000_000;
/** First byte of the header. Without this check, a header of 640 bytes would look like a pickle. */
const OPEN_BRACE = 0x7b;
const METADATA = '__metadata__';
const BYTES: ReadonlyMap<string, number> = new Map([
	['F64', 8],
	['F32', 4],
	['F16', 2],
	['BF16', 2],
]);

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entrySchema = v.object({
	dtype: v.string(),
	shape: v.array(count),
	data_offsets: v.strictTuple([count, count]),
});
const metadataSchema = v.record(v.string(), v.string());

/** A tensor of the header: the bytes [start, end) of the data. */
interface Entry {
	name: string;
	dtype: SafetensorsDtype;
	shape: readonly number[];
	start: number;
	end: number;
}

function broken(source: string, message: string, context: Record<string, string | number> = {}): FormatError {
	return new FormatError(`${source}: ${message}`, {
		code: 'safetensors-invalid',
		hint: 'The file is damaged or not a safetensors file. Download or export it again.',
		context: { source, ...context },
	});
}

function expectSafetensors(bytes: Uint8Array, source: string): void {
	const foreign = bytes[LENGTH_BYTES] === OPEN_BRACE ? null : foreignFile(bytes);
	if (foreign !== null) {
		throw new FormatError(`${source} is ${foreign.name}, not a safetensors file.`, {
			code: 'safetensors-foreign',
			hint: foreign.hint,
			context: { source },
		});
	}
	if (bytes.length < LENGTH_BYTES) throw broken(source, `has ${bytes.length} bytes, too few for a header.`);
}

function readHeader(
	bytes: Uint8Array,
	source: string,
): { header: Record<string, unknown>; dataStart: number } {
	expectSafetensors(bytes, source);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const length = Number(view.getBigUint64(0, true));
	const dataStart = LENGTH_BYTES + length;
	if (dataStart > bytes.length) {
		throw broken(source, `announces a header of ${length} bytes but has only ${bytes.length} in all.`);
	}
	if (length > MOST_HEADER_BYTES) {
		throw broken(source, `has a header of ${length} bytes; at most ${MOST_HEADER_BYTES} are allowed.`);
	}
	const text = decode(bytes.subarray(LENGTH_BYTES, dataStart), source);
	const header = parse(text, source);
	const repeated = repeatedKey(text);
	if (repeated !== null) throw broken(source, `names "${repeated}" twice.`, { name: repeated });
	return { header, dataStart };
}

function decode(bytes: Uint8Array, source: string): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw broken(source, 'the header is not UTF-8 text.');
	}
}

function parse(text: string, source: string): Record<string, unknown> {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		throw broken(source, 'the header is not a JSON object.');
	}
	if (typeof json === 'object' && json !== null && !Array.isArray(json))
		return json as Record<string, unknown>;
	throw broken(source, 'the header is not a JSON object.');
}

function isDtype(text: string): text is SafetensorsDtype {
	return BYTES.has(text);
}

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

function readEntry(name: string, json: unknown, source: string): Entry {
	const parsed = v.safeParse(entrySchema, json);
	if (!parsed.success)
		throw broken(source, `the entry of "${name}" has no dtype, shape and data_offsets.`, { name });
	const { dtype, shape, data_offsets } = parsed.output;
	const [start, end] = data_offsets;
	if (!isDtype(dtype)) {
		const known = [...BYTES.keys()].join(', ');
		throw broken(source, `"${name}" is of type ${dtype}; ${known} can be read.`, { name, dtype });
	}
	const expected = shape.reduce((product, size) => product * size, 1) * (BYTES.get(dtype) ?? 0);
	if (end - start !== expected) {
		throw broken(
			source,
			`"${name}" has ${end - start} bytes; its shape [${shape.join(', ')}] needs ${expected}.`,
			{ name },
		);
	}
	return { name, dtype, shape, start, end };
}

/** Every byte of the data belongs to exactly one tensor: the library refuses files that break this. */
function expectCovered(entries: readonly Entry[], bytes: number, source: string): void {
	let at = 0;
	for (const { name, start, end } of entries.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
		if (end > bytes) {
			throw broken(
				source,
				`"${name}" ends at byte ${end} of the data, which has ${bytes}: the file is cut off.`,
				{ name },
			);
		}
		if (start !== at) {
			const fault =
				start < at
					? `overlaps the tensor before it, which ends at byte ${at}`
					: `leaves the bytes from ${at} on unused`;
			throw broken(source, `"${name}" starts at byte ${start} of the data and ${fault}.`, { name });
		}
		at = end;
	}
	if (at !== bytes) throw broken(source, `the data has ${bytes} bytes; its tensors use only ${at}.`);
}

function readMetadata(json: unknown, source: string): Record<string, string> {
	const parsed = v.safeParse(metadataSchema, json ?? {});
	if (parsed.success) return parsed.output;
	throw broken(source, `${METADATA} is not an object of texts.`);
}

/**
 * Reads a whole file.
 *
 * @param source name of the file, for messages
 * @throws FormatError naming the tensor, if a header, type, shape or range is wrong or the file is cut off;
 *   `safetensors-foreign` for a file of another kind
 */
export function readSafetensors(bytes: Uint8Array, source = 'The safetensors file'): SafetensorsFile {
	const { header, dataStart } = readHeader(bytes, source);
	const data = bytes.subarray(dataStart);
	const entries = Object.entries(header)
		.filter(([name]) => name !== METADATA)
		.map(([name, json]) => readEntry(name, json, source));
	expectCovered(entries, data.length, source);
	const tensors = new Map(
		entries.map(({ name, dtype, shape, start, end }): [string, SafeTensor] => [
			name,
			{ dtype, shape, data: numbers(data.subarray(start, end), dtype) },
		]),
	);
	return { tensors, metadata: readMetadata(header[METADATA], source) };
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
