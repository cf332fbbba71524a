/** Series of a LiveCurve. */
import type { Token } from './colors.ts';

export interface CurveSeries {
	id: string;
	label: string;
	/** Name for screen readers, if the label is too short for them. */
	spoken?: string;
	/** TRL's name, for the table. */
	metric?: string;
	color: Token;
	mark?: 'check' | 'cross';
	dash?: readonly number[];
	/** One value per entry of `steps`; null is a gap. */
	values: readonly (number | null)[];
	/** 95% interval of each value. */
	whiskers?: readonly (readonly [number, number] | null)[];
	/** Draws dots on the values and one line through them, for sparse series: a null between two of them is no gap. */
	points?: boolean;
}
/** A text at its own height, without a line: “margin 2.10”. */
export interface CurveNote {
	at: number;
	text: string;
}

/** The value at an index or the last one before it: a series that ends early keeps its last value. Null if there is none. */
export function valueAt(values: readonly (number | null)[], index: number): number | null {
	for (let i = Math.min(index, values.length - 1); i >= 0; i--) {
		const value = values[i] ?? null;
		if (value !== null) return value;
	}
	return null;
}
