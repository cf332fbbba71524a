/** The training metrics as curves: the lines of each chart, and their names. */
import type { LossStep } from '#app/steps/lossStep.svelte.ts';
import type { MetricName } from '#app/steps/trainingHistory.ts';
import type { CurveSeries } from '../../charts/series.ts';

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
