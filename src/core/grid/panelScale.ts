/** Whether small multiples can share one scale. */
import type { CurvePanel } from './panels.ts';

/** Smallest and largest value of a panel. */
export type Extremes = readonly [low: number, high: number];

/** A panel that fills less of the scale than this looks flat. */
const FLAT = 1 / 3;

/** True if at least half of the panels would look flat on one scale for all. */
export function needOwnScales(panels: readonly Extremes[]): boolean {
	const spans = panels.map(([low, high]) => high - low).sort((a, b) => a - b);
	const whole = Math.max(...panels.map(([, high]) => high)) - Math.min(...panels.map(([low]) => low));
	const middle = spans[Math.floor((spans.length - 1) / 2)] ?? 0;
	return spans.length > 1 && middle < FLAT * whole;
}

/** Of the bands of a panel. */
export function extremesOfPanel({ lines }: CurvePanel): Extremes {
	const values = lines.flatMap(({ band: { low, high } }) => [...low, ...high]);
	return [Math.min(...values), Math.max(...values)];
}
