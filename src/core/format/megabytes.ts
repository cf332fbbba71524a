/** Sizes of files for messages. */

/** A number of bytes in MiB with one decimal, rounded up: a size over a limit never reads like the limit. */
export function megabytes(bytes: number): string {
	return `${Math.ceil((bytes / 2 ** 20) * 10) / 10} MB`;
}
