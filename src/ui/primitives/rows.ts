/** What a row of a long list shows. */
import type { IconName } from './icons.ts';

export interface ListRow {
	id: string;
	number: number;
	icon: IconName;
	/** What the icon means. */
	state: string;
	text: string;
	/** At the right: a figure, or a short reason. */
	value: string;
	quiet?: boolean;
	alert?: boolean;
	busy?: boolean;
}

/**
 * Makes each row once for its source: a source that did not change gives the very same row, so that a list of hundreds redraws
 * only what moved.
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
