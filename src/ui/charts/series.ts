/** Series of a LiveCurve. */
import type { Token } from './colors.ts';

export interface CurveSeries {
	id: string;
	label: string;
	/** TRL's name, for the table. */
	metric?: string;
	color: Token;
	mark?: 'check' | 'cross';
	dash?: readonly number[];
	/** One value per entry of `steps`; null is a gap. */
	values: readonly (number | null)[];
	/** 95% interval of each value. */
	whiskers?: readonly (readonly [number, number] | null)[];
	/** Draws dots on the values, for sparse series. */
	points?: boolean;
}
/** A text at its own height, without a line: “margin 2.10”. */
export interface CurveNote {
	at: number;
	text: string;
}
