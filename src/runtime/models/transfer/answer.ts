/** The answer to a request for the rest of a file: which byte it starts with, and of which version it is. */

/** Headers of Range and validators, RFC 9110. Servers of other origins may hide all but Content-Length and Last-Modified. */
const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/;

/**
 * Index in the file of the answer's first byte: `asked` for the rest, 0 if the server sends the whole file; null if the answer is
 * a range that nobody asked for.
 *
 * @param asked index of the first byte that was asked for
 * @param size  length of the file
 */
export function startOf({ status, headers }: Response, asked: number, size: number): number | null {
	if (status !== 206) return 0;
	const range = headers.get('content-range');
	if (range !== null) {
		const [, start, , total] = CONTENT_RANGE.exec(range.trim()) ?? [];
		return Number(start) === asked && (total === '*' || Number(total) === size) ? asked : null;
	}
	// Without a header to read, the length must be that of the rest.
	const length = headers.get('content-length');
	return length === null || Number(length) === size - asked ? asked : null;
}

/**
 * The answer's validator; null if the server gives none that this page may read. A server that compresses on the way marks its
 * ETag as weak, or adds the encoding's name to it; the file is the same.
 */
export function versionOf({ headers }: Response): string | null {
	const version = headers.get('etag') ?? headers.get('last-modified');
	return version?.replace(/^W\//, '').replace(/[-;](?:gzip|br|zstd|deflate)"$/, '"') ?? null;
}
