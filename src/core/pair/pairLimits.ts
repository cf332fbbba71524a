/** Limits of files of pairs. The page checks them without loading the readers. */
import { FormatError } from '../errors.ts';
import { megabytes } from '../format/megabytes.ts';

/** Largest list of pairs that a browser tab can handle. */
export const PAIR_LIMITS = { bytes: 70e6, pairs: 50_000 } as const;

/** @throws FormatError if the file is too large to read */
export function expectUsablePairsSize(name: string, bytes: number): void {
	if (bytes > PAIR_LIMITS.bytes) throw pairsTooLarge(name, `is ${megabytes(bytes)} large`);
}

export function pairsTooLarge(source: string, what: string): FormatError {
	const { bytes, pairs } = PAIR_LIMITS;
	return new FormatError(
		`${source} ${what}; at most ${pairs} pairs and ${megabytes(bytes)} can be used here.`,
		{
			code: 'pairs-too-large',
			hint: 'Take a part of the file: a few hundred pairs are enough to see a model learn.',
			context: { source },
		},
	);
}
