/** The training metrics as curves: the lines of each chart, and their names. */
import type { StepMetrics } from '#core/loss/metrics.ts';
import type { CurveSeries } from '../../charts/series.ts';

type Numeric = Exclude<keyof StepMetrics, 'step'>;

/** Metrics are taken before their step's update, so the entry of step n shows the model after n − 1 updates. */
export function updatesBehind(history: readonly StepMetrics[]): number[] {
	return history.map(({ step }) => step - 1);
}

export function valuesOf(history: readonly StepMetrics[], name: Numeric): number[] {
	return history.map((metrics) => metrics[name]);
}

export function rewardSeries(history: readonly StepMetrics[]): CurveSeries[] {
	return [
		{
			id: 'chosen',
			label: 'chosen',
			metric: 'rewards/chosen',
			color: 'chosen',
			mark: 'check',
			values: valuesOf(history, 'rewards/chosen'),
		},
		{
			id: 'rejected',
			label: 'rejected',
			metric: 'rewards/rejected',
			color: 'rejected',
			mark: 'cross',
			dash: [6, 3],
			values: valuesOf(history, 'rewards/rejected'),
		},
	];
}

export function oneSeries(history: readonly StepMetrics[], name: Numeric, label: string): CurveSeries[] {
	return [{ id: name, label, metric: name, color: 'fg-1', values: valuesOf(history, name) }];
}
