/** The training metrics as curves: the lines of each chart, and their names. */
import type { LossStep } from '#app/steps/lossStep.svelte.ts';
import type { MetricName } from '#app/steps/trainingHistory.ts';
import type { CurveNote, CurveSeries } from '../../charts/series.ts';
import { smooth } from '#core/math/smooth.ts';
import { fixed } from '../../format.ts';

/** The steps' metrics by name. */
type Metrics = Pick<LossStep, 'column'>;

export function rewardSeries(loss: Metrics): CurveSeries[] {
	return chosenAndRejected(loss, 'rewards/chosen', 'rewards/rejected');
}

export function chosenAndRejected(loss: Metrics, chosen: MetricName, rejected: MetricName): CurveSeries[] {
	return [
		{
			id: 'chosen',
			label: 'chosen',
			metric: chosen,
			color: 'chosen',
			mark: 'check',
			values: loss.column(chosen),
		},
		{
			id: 'rejected',
			label: 'rejected',
			metric: rejected,
			color: 'rejected',
			mark: 'cross',
			dash: [6, 3],
			values: loss.column(rejected),
		},
	];
}

export function oneSeries(loss: Metrics, name: MetricName, label: string): CurveSeries[] {
	return [{ id: name, label, metric: name, color: 'fg-1', values: loss.column(name) }];
}

/**
 * The margin between two lines at one step, as the lines show it: the difference of the smoothed values if they are smoothed.
 * Smoothing is linear, so this is also the smoothed margin.
 *
 * @param index of the step in the series' values
 * @returns undefined before the first step
 */
export function marginNote(
	[chosen, rejected]: readonly CurveSeries[],
	smoothing: number,
	index: number,
): CurveNote | undefined {
	const shown = (series: CurveSeries | undefined): number | null =>
		(series && (smoothing > 0 ? smooth(series.values, smoothing) : series.values)[index]) ?? null;
	const [w, l] = [shown(chosen), shown(rejected)];
	if (w === null || l === null) return undefined;
	return { at: (w + l) / 2, text: `margin ${fixed(w - l)}` };
}
