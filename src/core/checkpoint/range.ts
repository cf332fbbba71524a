/** The range of a read, checked. */
import { FormatError } from '../errors.ts';

/** @throws FormatError `bytes-outside` naming the file, if the range is not inside it */
export function expectRange(name: string, size: number, start: number, end: number): void {
	if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end && end <= size)
		return;
	throw new FormatError(`${name} has ${size} bytes; bytes ${start} to ${end} are not inside it.`, {
		code: 'bytes-outside',
		hint: 'The file is cut short or damaged. Load the model again, or copy the file again.',
		context: { name, size, start, end },
	});
}
