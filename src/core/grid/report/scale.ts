/** Linear scales of the report's figures, with round ticks. */

export interface Scale {
	readonly ticks: readonly number[];
	/** Place of a value. */
	readonly at: (value: number) => number;
}

/** @param from and `to` are the places of the ends */
export function linearScale(values: readonly number[], from: number, to: number): Scale {
	const known = values.filter(Number.isFinite);
	const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
	const span = high - low || 1;
	const step = roundStep(span / 5);
	const [first, last] = [Math.floor(low / step), Math.ceil(high / step)];
	const ticks = Array.from({ length: Math.max(1, last - first) + 1 }, (_, i) => (first + i) * step);
	const [start, end] = [first * step, (first + ticks.length - 1) * step];
	return { ticks, at: (value) => from + ((value - start) / (end - start)) * (to - from) };
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function roundStep(step: number): number {
	const power = 10 ** Math.floor(Math.log10(step));
	return ([1, 2, 5].find((factor) => factor * power >= step) ?? 10) * power;
}
