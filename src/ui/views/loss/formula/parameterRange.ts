/** The slider of a formula's parameter. A formula declares no ranges, so the slider takes one from the value. */
import { FORMULA_PARAMETER_DEFAULT, FORMULA_PARAMETER_MOST } from '#core/loss/objectives/settings.ts';

export interface SliderRange {
	readonly min: number;
	readonly max: number;
	readonly step: number;
}

const PLACES = 200;

/** From 0 to a round number of at least twice the value; on both sides of 0 for a negative value. */
export function sliderRange(value: number): SliderRange {
	const reach = roundUp(2 * Math.max(Math.abs(value), FORMULA_PARAMETER_DEFAULT / 2));
	const max = Math.min(reach, FORMULA_PARAMETER_MOST);
	const min = value < 0 ? -max : 0;
	return { min, max, step: (max - min) / PLACES };
}

/** The next of 1, 2, 5, 10, 20 … */
function roundUp(value: number): number {
	const power = 10 ** Math.floor(Math.log10(value));
	const factor = [1, 2, 5, 10].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
	return factor * power;
}
