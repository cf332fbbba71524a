/** Contents of one row of a long list. */
import type { IconName } from './icons.ts';

export interface ListRow {
	id: string;
	number: number;
	icon: IconName;
	/** Meaning of the icon. */
	state: string;
	text: string;
	/** On the right: a number, or a short reason. */
	value: string;
	quiet?: boolean;
	alert?: boolean;
	busy?: boolean;
}

/**
 * Caches each row by its source: an unchanged source returns the identical row, so that a list of hundreds
 * redraws only changed rows.
 */
export function rememberRows<Source extends object>(
	make: (source: Source, number: number) => ListRow,
): (source: Source, number: number) => ListRow {
	const made = new WeakMap<Source, ListRow>();
	return (source, number) => {
		const known = made.get(source);
		if (known?.number === number) return known;
		const row = make(source, number);
		made.set(source, row);
		return row;
	};
}
