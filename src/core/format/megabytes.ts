/** Sizes of files over a limit, for messages. MB is 10⁶ bytes, as in byteSize.ts. */

/** A number of bytes in MB with one decimal, rounded up: a size over a limit never reads like the limit. */
export function megabytes(bytes: number): string {
	return `${Math.ceil(bytes / 1e5) / 10} MB`;
}
