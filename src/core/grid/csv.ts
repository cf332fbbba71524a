/** The runs of a grid as CSV (RFC 4180), one row per run. */
import { writeCsv } from '../format/writeCsv.ts';
import type { RunFigures, RunOutcome } from './outcome.ts';
import { CELL_AXIS, type GridAxis } from './table/axes.ts';

type Column = readonly [name: string, value: (figures: RunFigures) => number | string | null | undefined];

const COLUMNS: readonly Column[] = [
	['greedy_before', ({ greedy }) => greedy.before.score],
	['greedy_after', ({ greedy }) => greedy.after.score],
	['greedy_change', ({ greedy }) => greedy.difference.score],
	['greedy_change_low', ({ greedy }) => greedy.difference.low],
	['greedy_change_high', ({ greedy }) => greedy.difference.high],
	['sampled_before', ({ sampled }) => sampled.before.score],
	['sampled_after', ({ sampled }) => sampled.after.score],
	['sampled_change', ({ sampled }) => sampled.difference.score],
	['prompts', ({ greedy }) => greedy.prompts.length],
	['steps', ({ steps }) => steps],
	['pairs', ({ pairs }) => pairs.kept],
	['left_out', ({ pairs }) => JSON.stringify(pairs.leftOut)],
	['chosen_score', ({ pairs }) => pairs.chosenScore],
	['rejected_score', ({ pairs }) => pairs.rejectedScore],
	['judge_right', ({ judge }) => judge?.right],
	['judge_decided', ({ judge }) => judge?.decided],
	['edited_credit', ({ credit }) => credit?.editedCredit],
	['edited_tokens', ({ credit }) => credit?.editedTokens],
	['rewards/chosen', ({ rewards }) => rewards.chosen],
	['rewards/rejected', ({ rewards }) => rewards.rejected],
	['rewards/margins', ({ rewards }) => rewards.margins],
	['rewards/accuracies', ({ rewards }) => rewards.accuracies],
	['chosen_log_ratio', ({ rewards }) => rewards.chosenLogRatio],
	['rejected_log_ratio', ({ rewards }) => rewards.rejectedLogRatio],
	['kl', ({ drift }) => drift?.kl.score],
	['marks', ({ marks }) => marks.join('; ')],
	['seconds', ({ wallSeconds }) => wallSeconds],
];

/**
 * In the order of the outcomes. A run that failed has its message in `error` and empty figures.
 *
 * @param axes settings that differ; each is a column with its path as the name
 */
export function gridCsv(outcomes: readonly RunOutcome[], axes: readonly GridAxis[] = []): string {
	const settings = axes.filter(({ id }) => id !== CELL_AXIS);
	const families = [
		...new Set(outcomes.flatMap(({ figures }) => figures?.families.map(({ family }) => family) ?? [])),
	];
	const header = [
		...['cell', 'seed', ...settings.map(({ id }) => id)],
		...[...COLUMNS.map(([name]) => name), ...families.map(familyColumn), 'error'],
	];
	const rows = outcomes.map(({ cell, seed, figures, error }) => [
		cell,
		seed,
		...settings.map(({ values }) => values.find(({ cells }) => cells.includes(cell))?.value),
		...COLUMNS.map(([, value]) => (figures === null ? null : value(figures))),
		...families.map((family) => figures?.families.find((one) => one.family === family)?.difference.score),
		error?.message,
	]);
	return writeCsv(
		header,
		rows.map((row) => row.map((value) => value ?? null)),
	);
}

const familyColumn = (family: string): string => `change_${family}`;
