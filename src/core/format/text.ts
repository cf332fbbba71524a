/** Bytes of a user's file as text: UTF-8 or a clear refusal, never silently mangled letters. */
import { FormatError } from '../errors.ts';

/** Bytes that decode before the first fault, a character cut in the middle included: the place for the message. */
function firstBadByte(bytes: Uint8Array): number {
	const isText = (length: number): boolean => {
		try {
			// `stream` lets the last character be cut in the middle.
			new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
			return true;
		} catch {
			// The only failure of a fatal decoder is bad bytes, which is the question.
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
 * @throws FormatError with the byte at which the file stops being UTF-8
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
