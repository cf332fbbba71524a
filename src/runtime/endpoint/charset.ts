/** The encoding of an answer: its byte order mark, else the charset of its content type, else its zeros, else UTF-8. */

const MARKS: readonly (readonly [bytes: readonly number[], label: string])[] = [
	[[0xef, 0xbb, 0xbf], 'utf-8'],
	[[0xff, 0xfe], 'utf-16le'],
	[[0xfe, 0xff], 'utf-16be'],
];

/** Bytes that {@link decoderOf} looks at. */
export const FIRST_BYTES = 4;

/**
 * @param contentType the header's value, or null
 * @param first       the first bytes of the body, at least {@link FIRST_BYTES} if it has so many
 */
export function decoderOf(contentType: string | null, first: Uint8Array): TextDecoder {
	const marked = MARKS.find(([bytes]) => bytes.every((byte, i) => first[i] === byte));
	if (marked !== undefined) return new TextDecoder(marked[1]);
	const named = /;\s*charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(contentType?.slice(0, 1000) ?? '')?.[1];
	const label = named === undefined || isUtf8Name(named) ? null : knownLabel(named);
	return new TextDecoder(label ?? labelByZeros(first));
}

const isUtf8Name = (name: string): boolean => /^utf-?8$/i.test(name);

/** The label if this platform knows it. UTF-16 without an order is the order of its zeros. */
function knownLabel(name: string): string | null {
	if (/^utf-?16$/i.test(name)) return null;
	try {
		return new TextDecoder(name).encoding;
	} catch {
		// Servers also send names that no standard has.
		return null;
	}
}

/** JSON begins with a character of ASCII, which is half zeros in UTF-16. */
function labelByZeros([a, b, c, d]: Uint8Array): string {
	if (a === 0 && b !== 0 && c === 0 && d !== 0) return 'utf-16be';
	return a !== 0 && b === 0 && c !== 0 && d === 0 ? 'utf-16le' : 'utf-8';
}
