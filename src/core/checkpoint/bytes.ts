/** Random access to the bytes of one file, wherever it is: on disk, or downloaded into the browser's cache. */
import { Cancelled, FormatError } from '../errors.ts';

export interface ByteSource {
	/** The file's name, for messages. */
	readonly name: string;
	/** Length in bytes. */
	readonly size: number;
	/**
	 * Bytes from `start` up to, but not including, `end`; the caller owns them.
	 *
	 * @throws FormatError `bytes-outside` if the range is not inside the file; Cancelled if the signal fires
	 */
	read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Reads a range, which must be within the file.
 *
 * @throws FormatError `checkpoint-truncated` if the source returns fewer or more bytes; Cancelled; the source's errors
 */
export async function readRange(
	source: ByteSource,
	start: number,
	end: number,
	signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
	if (signal?.aborted === true) throw new Cancelled();
	const bytes = end > source.size ? null : await source.read(start, end, signal);
	if (bytes?.length === end - start) return bytes;
	const found = bytes === null ? `the file ends at byte ${source.size}` : `${bytes.length} bytes arrived`;
	throw new FormatError(`${source.name}: the bytes from ${start} to ${end} cannot be read: ${found}.`, {
		code: 'checkpoint-truncated',
		hint: 'The file is cut off or changed while it was read. Download or choose it again.',
		context: { source: source.name, start, end, size: source.size },
	});
}
