/** Decodes a user's file as UTF-8 or refuses it with the place of the fault; never alters a letter. */
import { FormatError } from '../errors.ts';

/** For the message: counts the bytes before the first fault, including those of a cut-off character. */
function firstBadByte(bytes: Uint8Array): number {
	const isText = (length: number): boolean => {
		try {
			// `stream` accepts a cut-off last character.
			new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
			return true;
		} catch {
			// A fatal decoder throws only for bad bytes.
			return false;
		}
	};
	let good = 0;
	let bad = bytes.length;
	while (bad - good > 1) {
		const middle = (good + bad) >> 1;
		if (isText(middle)) good = middle;
		else bad = middle;
	}
	return good;
}

/**
 * @param source the file's name, for the message
 * @throws FormatError with the offset of the first byte that is not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array, source: string): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch (cause) {
		const offset = firstBadByte(bytes);
		throw new FormatError(
			`${source} is not UTF-8 text: it cannot be read from about byte ${offset + 1} on.`,
			{
				code: 'not-utf8',
				hint: 'Save the file as UTF-8 (in most editors: Save with encoding) and choose it again.',
				context: { source, offset },
				cause,
			},
		);
	}
}
