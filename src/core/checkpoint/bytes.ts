/** Random access to the bytes of one file, wherever it is: on disk, or downloaded into the browser's cache. */
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
