/** The curves of one run: metrics by training step and the greedy held-out score, thin enough to keep for hundreds of runs. */
import * as v from 'valibot';
import { count, listOf, measured } from '../format/schema.ts';
import type { StepMetrics } from '../loss/metrics.ts';
import type { RunRecord } from '../run/run.ts';

const valuesSchema = v.object({
	loss: listOf(measured),
	'rewards/chosen': listOf(measured),
	'rewards/rejected': listOf(measured),
	'rewards/margins': listOf(measured),
	'rewards/accuracies': listOf(measured),
});
/** A metric of a curve, in TRL's names. */
export type CurveMetric = keyof v.InferOutput<typeof valuesSchema>;

/** Greedy held-out score, from step 0. */
export const scoresSchema = listOf(v.object({ step: count, score: measured }));

export const curvesSchema = v.object({
	/** Steps of the values below, ascending. */
	steps: listOf(count),
	values: valuesSchema,
	scores: scoresSchema,
});
export type RunCurves = v.InferOutput<typeof curvesSchema>;

/** The curves of a run before its first step. */
export const NO_CURVES: RunCurves = {
	steps: [],
	values: {
		loss: [],
		'rewards/chosen': [],
		'rewards/rejected': [],
		'rewards/margins': [],
		'rewards/accuracies': [],
	},
	scores: [],
};

/** Points that a curve keeps. A chart in a grid is a few hundred pixels wide. */
const MOST_POINTS = 200;
/** Significant digits that a curve keeps. */
const DIGITS = 6;

/** @param record of a run, finished or under way */
export function curvesOf({ metrics, heldOut }: Pick<RunRecord, 'metrics' | 'heldOut'>): RunCurves {
	const kept = thinned(metrics);
	const values = (metric: CurveMetric): number[] => kept.map((step) => rounded(step[metric]));
	return {
		steps: kept.map(({ step }) => step),
		values: {
			loss: values('loss'),
			'rewards/chosen': values('rewards/chosen'),
			'rewards/rejected': values('rewards/rejected'),
			'rewards/margins': values('rewards/margins'),
			'rewards/accuracies': values('rewards/accuracies'),
		},
		scores: heldOut
			.filter(({ mode }) => mode === 'greedy')
			.map(({ step, estimate }) => ({ step, score: estimate.score }))
			.sort((a, b) => a.step - b.step),
	};
}

/** Every n-th step and the last one, so that runs of one length keep the same steps. */
function thinned(metrics: readonly StepMetrics[]): readonly StepMetrics[] {
	const every = Math.ceil(metrics.length / MOST_POINTS);
	return metrics.filter((_, i) => i % every === 0 || i === metrics.length - 1);
}

function rounded(value: number): number {
	return Number(value.toPrecision(DIGITS));
}
