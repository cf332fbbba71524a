/** Rows that cannot be used, each with its reason in the words of the list of rows that were left out. */

import { asAppError } from '../errors.ts';

/** Returned instead of a value; a row that cannot be used is expected, so it is no exception. */
export class UnusableRow {
	readonly reason: string;

	constructor(reason: string) {
		this.reason = reason;
	}
}

export const isFault = (value: unknown): value is UnusableRow => value instanceof UnusableRow;

/** Reads one row. A row that makes its reader fail is left out like any other, so that the other rows remain usable. */
export function tryRow<T>(read: () => T): T | UnusableRow {
	try {
		return read();
	} catch (thrown) {
		// A RangeError says that the stack is full: only values in values in values get that far.
		if (thrown instanceof RangeError) return new UnusableRow('its values are nested too deeply');
		return new UnusableRow(`cannot be read: ${asAppError(thrown).message}`);
	}
}
