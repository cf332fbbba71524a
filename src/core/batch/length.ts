/** Lengths of rows in tokens. */

/** The reason that imports, previews and runs give for a row of more than `limit` tokens. */
export function tooLong(tokens: number, limit: number): string {
	return `too long: ${tokens} tokens, limit ${limit}`;
}
