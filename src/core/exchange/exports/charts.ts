import { smooth, SMOOTHING } from '../../math/smooth.ts';
import type { StepMetrics } from '../../loss/metrics.ts';
import type { RunRecord } from '../../run/run.ts';
import { fileName, type ExportedFile, type RunExport } from '../export.ts';
import { lineChartSvg, type ChartLine, type LineChart } from '../svg/lineChart.ts';

/** The page's colours in its light theme. */
const CHOSEN = '#1b5cab';
const REJECTED = '#a9480a';
const POLICY = '#0b7560';
const INK = '#1a1b1e';

export const charts: RunExport = {
	id: 'charts',
	label: 'Charts',
	detail: 'SVG; rewards, loss, margin, held-out score',
	write: ({ record }) => Promise.resolve(chartsOf(record).map((chart) => chartFile(record, chart))),
};

type NamedChart = LineChart & { file: string };

function chartFile(record: RunRecord, { file, ...chart }: NamedChart): ExportedFile {
	const title = `${record.name}: ${chart.title}`;
	return {
		name: fileName(record, `${file}.svg`),
		type: 'image/svg+xml',
		content: lineChartSvg({ ...chart, title }),
	};
}

/** Charts without a point are left out. */
function chartsOf({ metrics, heldOut }: RunRecord): NamedChart[] {
	const line = (name: keyof StepMetrics, label: string, color: string, dash?: string): ChartLine => ({
		label,
		color,
		...(dash === undefined ? {} : { dash }),
		points: smoothed(metrics, name),
	});
	const scored = heldOut.filter(({ mode, estimate }) => mode === 'greedy' && estimate.n > 0);
	const all: NamedChart[] = [
		{
			file: 'rewards',
			title: 'rewards, smoothed',
			xLabel: 'step',
			reach: [0],
			lines: [
				line('rewards/chosen', 'chosen', CHOSEN),
				line('rewards/rejected', 'rejected', REJECTED, '6 3'),
			],
		},
		{
			file: 'margin',
			title: 'margin, smoothed',
			xLabel: 'step',
			reach: [0],
			lines: [line('rewards/margins', 'margin', INK)],
		},
		{ file: 'loss', title: 'loss, smoothed', xLabel: 'step', reach: [], lines: [line('loss', 'loss', INK)] },
		{
			file: 'score',
			title: 'held-out score, 95% interval',
			xLabel: 'step',
			reach: [0, 1],
			lines: [
				{
					label: 'greedy score',
					color: POLICY,
					points: scored.map(({ step, estimate }) => [step, estimate.score] as const),
					intervals: scored.map(({ estimate }) => [estimate.low, estimate.high] as const),
				},
			],
		},
	];
	return all.filter(({ lines }) => lines.some(({ points }) => points.length > 0));
}

/** A metric by the updates before it was measured, as the page's curves show it. */
function smoothed(metrics: readonly StepMetrics[], name: keyof StepMetrics): [number, number][] {
	const values = smooth(
		metrics.map((row) => row[name] ?? null),
		SMOOTHING,
	);
	return metrics.map(({ step }, i) => [step - 1, values[i] ?? 0]);
}
