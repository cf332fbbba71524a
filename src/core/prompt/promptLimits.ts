/** Limits of prompt files. The page checks them without loading the readers. */
import { FormatError } from '../errors.ts';
import { megabytes } from '../format/megabytes.ts';

/** Limits of an import: beyond them, reading stops with a message before the page would freeze. */
export const PROMPT_LIMITS = { bytes: 10e6, prompts: 20_000 } as const;

export function promptsTooLarge(
	source: string,
	what: string,
	limit = megabytes(PROMPT_LIMITS.bytes),
): FormatError {
	return new FormatError(`${source} ${what}; at most ${limit} can be used here.`, {
		code: 'prompts-too-large',
		hint: 'Use a part of the file: a few hundred prompts are enough to see a model learn.',
		context: { source },
	});
}

/**
 * Checks a file's size before it is read into memory.
 *
 * @param bytes the file's size
 * @throws FormatError if it is too large
 */
export function expectUsableSize(name: string, bytes: number): void {
	if (bytes > PROMPT_LIMITS.bytes) throw promptsTooLarge(name, `is ${megabytes(bytes)} large`);
}
