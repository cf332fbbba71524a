/** Reads Parquet with hyparquet, which is loaded with the first such file. */
import { FormatError } from '#core/errors.ts';
import { megabytes } from '#core/format/megabytes.ts';

/** Rows and unpacked bytes that a browser tab can hold; the file's own description is checked before it is read. */
const LIMITS = { rows: 500_000, bytes: 256 * 2 ** 20 } as const;

/** Hex digits and dates instead of types that JSON has not. */
function plain(value: unknown): unknown {
	if (typeof value === 'bigint') return Number(value);
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
	if (ArrayBuffer.isView(value)) return null;
	if (Array.isArray(value)) return value.map(plain);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function tooLarge(source: string, what: string): FormatError {
	return new FormatError(`${source} ${what}, more than a browser tab can hold.`, {
		code: 'parquet-too-large',
		hint: 'Take a part of the file: a few hundred rows are enough to see a model learn.',
		context: { source },
	});
}

function unreadable(source: string, thrown: unknown): FormatError {
	const message = thrown instanceof Error ? thrown.message : String(thrown);
	return new FormatError(`${source} is a Parquet file that cannot be read: ${message}.`, {
		code: 'parquet-unreadable',
		hint: 'Download the file again; if it stays unreadable, export the rows as JSONL and choose that file.',
		context: { source },
		cause: thrown,
	});
}

/**
 * The rows of a Parquet file as plain objects. Binary cells are null.
 *
 * @throws FormatError `parquet-unreadable` · `parquet-too-large`
 */
export async function readParquet(
	bytes: Uint8Array<ArrayBuffer>,
	source: string,
): Promise<readonly object[]> {
	const [{ parquetMetadataAsync, parquetReadObjects }, { compressors }] = await Promise.all([
		import('hyparquet'),
		import('hyparquet-compressors'),
	]);
	const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
	try {
		const metadata = await parquetMetadataAsync(file);
		const size = metadata.row_groups.reduce((sum, group) => sum + Number(group.total_byte_size), 0);
		if (Number(metadata.num_rows) > LIMITS.rows)
			throw tooLarge(source, `has ${Number(metadata.num_rows)} rows`);
		if (size > LIMITS.bytes) throw tooLarge(source, `unpacks to ${megabytes(size)}`);
		const rows: object[] = await parquetReadObjects({ file, metadata, compressors });
		return rows.map((row) => plain(row) as object);
	} catch (thrown) {
		throw thrown instanceof FormatError ? thrown : unreadable(source, thrown);
	}
}
