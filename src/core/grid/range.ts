/** Ranges of whole numbers as people type them: `1..5`. */
import { FormatError } from '../errors.ts';

const RANGE = /^(\d{1,10})\.\.(\d{1,10})$/;
/** Most numbers of a range. */
const MOST = 1000;

export const isRangeText = (text: string): boolean => RANGE.test(text.trim());

/**
 * Both ends belong to it.
 *
 * @throws FormatError `grid-range` if it is empty or too long
 */
export function readRange(text: string, place: string): number[] {
	const [, first, last] = RANGE.exec(text.trim()) ?? [];
	const [from, to] = [Number(first), Number(last)];
	const length = to - from + 1;
	if (length >= 1 && length <= MOST) return Array.from({ length }, (_, i) => from + i);
	throw new FormatError(`${place}: the range ${text.trim()} has ${length < 1 ? 'no' : length} numbers.`, {
		code: 'grid-range',
		hint: `Write the smaller number first, and at most ${MOST} numbers.`,
		context: { place },
	});
}
