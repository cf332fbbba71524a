/** A fault of a row: the reason why it cannot be used, in the words of the list of rows that were left out. */

/** Returned instead of a value; a row that cannot be used is expected, so it is no exception. */
export class RowFault {
	readonly reason: string;

	constructor(reason: string) {
		this.reason = reason;
	}
}

export const isFault = (value: unknown): value is RowFault => value instanceof RowFault;
