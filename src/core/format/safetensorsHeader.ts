/**
 * The header of a safetensors file: 8 bytes of length (little-endian), then JSON with the name, type, shape and
 * byte range of every tensor. Like the library, refuses ranges that overlap or leave holes. Reads no numbers, so
 * that files of any size can be described from their first bytes.
 */
import * as v from 'valibot';
import { FormatError } from '../errors.ts';
import { foreignFile } from './foreignFile.ts';
import { repeatedKey } from './jsonKeys.ts';

/** Number types that a reader accepts, with their size in bytes. */
export type DtypeSizes = Readonly<Record<string, number>>;

/** A tensor of the header: the bytes [start, end) of the data, which follow the header. */
export interface SafetensorsEntry<Dtype extends string = string> {
	name: string;
	dtype: Dtype;
	shape: readonly number[];
	start: number;
	end: number;
}

export interface SafetensorsHeader<Dtype extends string = string> {
	entries: readonly SafetensorsEntry<Dtype>[];
	metadata: Readonly<Record<string, string>>;
}

export const LENGTH_BYTES = 8;
export const METADATA = '__metadata__';
/** The library's limit. */
const MOST_HEADER_BYTES = 100_000_000;
/** First byte of the header. Without this check, a header of 640 bytes would look like a pickle. */
const OPEN_BRACE = 0x7b;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entrySchema = v.object({
	dtype: v.string(),
	shape: v.array(count),
	data_offsets: v.strictTuple([count, count]),
});
const metadataSchema = v.record(v.string(), v.string());

function broken(source: string, message: string, context: Record<string, string | number> = {}): FormatError {
	return new FormatError(`${source}: ${message}`, {
		code: 'safetensors-invalid',
		hint: 'The file is damaged or not a safetensors file. Download or export it again.',
		context: { source, ...context },
	});
}

/**
 * The position of the first number: the header's bytes are [8, dataStart).
 *
 * @param start first bytes of the file, at least 9 if it has as many; 32 let a foreign file be named
 * @param size  bytes of the whole file
 * @throws FormatError `safetensors-foreign` for a file of another kind, `safetensors-invalid`
 */
export function dataStartOf(start: Uint8Array, size: number, source: string): number {
	const foreign = start[LENGTH_BYTES] === OPEN_BRACE ? null : foreignFile(start);
	if (foreign !== null) {
		throw new FormatError(`${source} is ${foreign.name}, not a safetensors file.`, {
			code: 'safetensors-foreign',
			hint: foreign.hint,
			context: { source },
		});
	}
	if (start.length < LENGTH_BYTES) throw broken(source, `has ${start.length} bytes, too few for a header.`);
	const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
	const length = Number(view.getBigUint64(0, true));
	if (LENGTH_BYTES + length > size) {
		throw broken(source, `announces a header of ${length} bytes but has only ${size} in all.`);
	}
	if (length > MOST_HEADER_BYTES) {
		throw broken(source, `has a header of ${length} bytes; at most ${MOST_HEADER_BYTES} are allowed.`);
	}
	return LENGTH_BYTES + length;
}

/**
 * @param bytes     the header's JSON
 * @param dataBytes bytes of the file after the header
 * @param dtypes    types that the caller reads; another one is refused by its name
 * @throws FormatError naming the tensor: `safetensors-dtype`, or `safetensors-invalid` if its shape or range is
 *   wrong or the file is cut off
 */
export function readSafetensorsHeader<const Sizes extends DtypeSizes>(
	bytes: Uint8Array,
	dataBytes: number,
	dtypes: Sizes,
	source: string,
): SafetensorsHeader<keyof Sizes & string> {
	const text = decode(bytes, source);
	const header = parse(text, source);
	const repeated = repeatedKey(text);
	if (repeated !== null) throw broken(source, `names "${repeated}" twice.`, { name: repeated });
	const entries = Object.entries(header)
		.filter(([name]) => name !== METADATA)
		.map(([name, json]) => readEntry(name, json, dtypes, source));
	expectCovered(entries, dataBytes, source);
	return { entries, metadata: readMetadata(header[METADATA], source) };
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

function readEntry<Sizes extends DtypeSizes>(
	name: string,
	json: unknown,
	dtypes: Sizes,
	source: string,
): SafetensorsEntry<keyof Sizes & string> {
	const parsed = v.safeParse(entrySchema, json);
	if (!parsed.success)
		throw broken(source, `the entry of "${name}" has no dtype, shape and data_offsets.`, { name });
	const { dtype, shape, data_offsets } = parsed.output;
	const [start, end] = data_offsets;
	if (!Object.hasOwn(dtypes, dtype)) throw otherDtype(name, dtype, Object.keys(dtypes), source);
	const expected = shape.reduce((product, size) => product * size, 1) * (dtypes[dtype] ?? 0);
	if (end - start !== expected) {
		throw broken(
			source,
			`"${name}" has ${end - start} bytes; its shape [${shape.join(', ')}] needs ${expected}.`,
			{ name },
		);
	}
	return { name, dtype, shape, start, end };
}

function otherDtype(name: string, dtype: string, known: readonly string[], source: string): FormatError {
	const list = known.join(', ');
	return new FormatError(`${source}: "${name}" is of type ${dtype}; ${list} can be read.`, {
		code: 'safetensors-dtype',
		hint: `Take the weights without quantisation, or export them again in one of these types: ${list}.`,
		context: { source, name, dtype },
	});
}

/** Every byte of the data belongs to exactly one tensor: the library refuses files that break this. */
function expectCovered(entries: readonly SafetensorsEntry[], bytes: number, source: string): void {
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
