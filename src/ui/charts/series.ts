/** What a LiveCurve draws. */
import type { Token } from './colors.ts';

export interface CurveSeries {
	id: string;
	label: string;
	/** TRL's spelling, for the table. */
	metric?: string;
	color: Token;
	mark?: 'check' | 'cross';
	dash?: readonly number[];
	/** One value a step of `steps`; null is a gap. */
	values: readonly (number | null)[];
	/** 95% interval of each value. */
	whiskers?: readonly (readonly [number, number] | null)[];
	/** Dots on the values: for the few and far between. */
	points?: boolean;
}
/** A text at a height of its own, without a line: “margin 2.10”. */
export interface CurveNote {
	at: number;
	text: string;
}
