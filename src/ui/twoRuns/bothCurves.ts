/** The curves of two runs over one axis of steps: colours and marks as everywhere, the first run solid, the second dashed. */
import type { ScorePoint } from '#app/steps/evaluationViews.ts';
import type { LossStep } from '#app/steps/lossStep.svelte.ts';
import type { MetricName } from '#app/steps/trainingHistory.ts';
import type { Both } from '#core/evaluation/twoRuns.ts';
import type { Token } from '../charts/colors.ts';
import type { CurveSeries } from '../charts/series.ts';

/** Names of the two runs in charts and tables. */
export const LETTERS = ['A', 'B'] as const;
/** Line styles of the two runs. */
export const DASHES = [undefined, [5, 4]] as const satisfies Both<readonly number[] | undefined>;

/** The measured steps of a run. */
type Metrics = Pick<LossStep, 'updates' | 'column'>;

/** One line of each run. */
export interface Line {
	readonly metric: MetricName;
	/** For example "chosen"; empty if the chart has no other lines. */
	readonly word: string;
	readonly color: Token;
	readonly mark?: 'check' | 'cross';
}

/** Series with one value per entry of `steps`. */
export interface BothSeries {
	readonly steps: readonly number[];
	readonly series: readonly CurveSeries[];
}

/** The metrics of both runs. A run that has not trained has no line. */
export function metricSeries(runs: Both<Metrics>, lines: readonly Line[]): BothSeries {
	const steps = unitedSteps(runs.map(({ updates }) => updates));
	const series = lines.flatMap((line) =>
		runs.flatMap((run, i) => {
			if (run.updates.length === 0) return [];
			return [{ ...styleOf(line, i), values: onSteps(steps, run.updates, run.column(line.metric)) }];
		}),
	);
	return { steps, series };
}

/** The greedy held-out scores of both runs, with their intervals. */
export function scoreSeries(courses: Both<readonly ScorePoint[]>): BothSeries {
	const steps = unitedSteps(courses.map((course) => course.map(({ step }) => step)));
	const line = { metric: 'held-out score', word: '', color: 'policy' } as const;
	const series = courses.flatMap((course, i) => {
		if (course.length === 0) return [];
		const own = course.map(({ step }) => step);
		const values = course.map(({ estimate }) => estimate.score);
		const whiskers = course.map(({ estimate }) => [estimate.low, estimate.high] as const);
		const drawn = { values: onSteps(steps, own, values), whiskers: onSteps(steps, own, whiskers) };
		return [{ ...styleOf(line, i), ...drawn, points: true }];
	});
	return { steps, series };
}

function styleOf(
	{ metric, word, color, mark }: Omit<Line, 'metric'> & { readonly metric: string },
	run: number,
): Omit<CurveSeries, 'values'> {
	const letter = LETTERS[run] ?? '';
	const dash = DASHES[run];
	return {
		id: `${metric} ${letter}`,
		label: letter,
		spoken: [letter, word].filter(Boolean).join(' '),
		metric: `${metric}, ${letter}`,
		color,
		...(mark === undefined ? {} : { mark }),
		...(dash === undefined ? {} : { dash }),
	};
}

/** Every step of the lists once, ascending. */
function unitedSteps(lists: readonly (readonly number[])[]): readonly number[] {
	return [...new Set(lists.flat())].sort((a, b) => a - b);
}

/** Values by step of a run, null at steps that only the other run has. */
function onSteps<T>(
	all: readonly number[],
	steps: readonly number[],
	values: readonly T[],
): readonly (T | null)[] {
	if (steps.length === all.length) return values;
	const byStep = new Map(steps.map((step, i) => [step, values[i] ?? null]));
	return all.map((step) => byStep.get(step) ?? null);
}
