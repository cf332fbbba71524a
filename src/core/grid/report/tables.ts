/** The tables of a report. */
import type { RunOutcome } from '../outcome.ts';
import { hasBest, type CellResult } from '../measuredCell.ts';
import type { CellComparison, GridResults } from '../results.ts';
import { fixed, signed } from '../../text/numbers.ts';
import type { GridTable, TableEntry } from '../table/table.ts';
import { belowTexts, changeText, exportedCaption, progressText, SCORE_DECIMALS } from '../table/words.ts';
import { figures, htmlTable, withInterval, words, type HtmlCell } from './html.ts';

const RANKS = { best: 'best', equal: '≈ best', below: '' } as const;

/** The table in the paper's form. */
export function resultTable(table: GridTable): string {
	if (table.measured === 0) return '';
	const { rowTitle, columnTitle, columns, rows } = table;
	const corner = columnTitle === null ? rowTitle : `${rowTitle} \\ ${columnTitle}`;
	return htmlTable(
		exportedCaption(table),
		[corner, ...columns],
		rows.map(({ label, entries }) => [words(label), ...entries.map(resultCell)]),
	);
}

function resultCell(entry: TableEntry): HtmlCell {
	const { change, rank } = entry;
	if (change === null) return figures(progressText(entry) || '–');
	const mark = rank === 'equal' ? '≈ ' : '';
	return {
		...figures(`${mark}${changeText(change)}`, rank === 'best'),
		below: belowTexts(entry).join('; '),
	};
}

export function scoreTable({ cells }: GridResults): string {
	return htmlTable(
		'Held-out score in [0, 1], mean over seeds: greedy, and sampled at temperature 1.',
		[
			'Cell',
			'seeds',
			'before',
			'after',
			'change (95% interval)',
			'',
			'sampled after',
			'sampled change',
			's per run',
		],
		cells.map((cell) => scoreRow(cell, hasBest(cells))),
	);
}

function scoreRow({ cell, seeds, greedy, sampled, means, rank }: CellResult, isDecided: boolean): HtmlCell[] {
	const strong = isDecided && (rank === 'best' || rank === 'equal');
	return [
		words(cell),
		figures(String(seeds.length)),
		figures(fixed(greedy?.before, SCORE_DECIMALS)),
		figures(fixed(greedy?.after.score, SCORE_DECIMALS), strong),
		figures(withInterval(greedy?.change ?? null)),
		figures(rank === null ? '' : rank === 'equal' && !isDecided ? '≈' : RANKS[rank]),
		figures(fixed(sampled?.after.score, SCORE_DECIMALS)),
		figures(signed(sampled?.change.score, SCORE_DECIMALS)),
		figures(fixed(means.wallSeconds, 0)),
	];
}

/** Data and training of each cell. */
export function trainingTable({ cells }: GridResults): string {
	return htmlTable(
		'Means over seeds. Chosen and rejected: rubric scores of the two sides of the pairs. Log-ratios over the last ten steps, and KL to the reference after training, in nats.',
		[
			...['Cell', 'pairs', 'chosen', 'rejected', 'judge right'],
			...['credit on edits', 'edited tokens', 'log-ratio, chosen', 'rejected', 'KL'],
		],
		cells.map(trainingRow),
	);
}

function trainingRow({ cell, means, judge }: CellResult): HtmlCell[] {
	return [
		words(cell),
		figures(fixed(means.pairs, 0)),
		...[means.chosenScore, means.rejectedScore].map((score) => figures(fixed(score, 2))),
		figures(judge === null ? '–' : `${judge.right} of ${judge.decided}`),
		...[means.editedCredit, means.editedTokens].map((share) => figures(fixed(share, SCORE_DECIMALS))),
		...[means.chosenLogRatio, means.rejectedLogRatio, means.kl].map((value) => figures(fixed(value, 2))),
	];
}

export function comparisonTable({ comparisons, planned }: GridResults): string {
	if (comparisons.length === 0) return '';
	const chosen = planned ? 'the pairs that the grid named before its runs' : 'all pairs of cells';
	return htmlTable(
		`Change of the first cell − change of the second, on the same prompts and seeds, for ${chosen}. p after Holm’s correction for ${comparisons.length}; ≈ means no clear difference.`,
		['First', 'second', 'difference (95% interval)', 'p', '', 'credit on edits, first − second'],
		comparisons.map(comparisonRow),
	);
}

const VERDICTS = { above: '>', below: '<', equal: '≈' } as const;

function comparisonRow({ a, b, difference, corrected, verdict, editedCredit }: CellComparison): HtmlCell[] {
	const p = corrected < 0.001 ? '< 0.001' : fixed(corrected, 3);
	return [
		words(a),
		words(b),
		figures(withInterval(difference), verdict !== 'equal'),
		figures(p),
		words(VERDICTS[verdict]),
		figures(withInterval(editedCredit)),
	];
}

export function familyTable({ cells }: GridResults): string {
	const families = [...new Set(cells.flatMap((cell) => cell.families.map(({ family }) => family)))];
	if (families.length === 0) return '';
	return htmlTable(
		'Change of the greedy score by family, mean over seeds.',
		['Cell', ...families],
		cells.map(({ cell, families: own }) => [
			words(cell),
			...families.map((family) => figures(signed(own.find((one) => one.family === family)?.change, 2))),
		]),
	);
}

export function runTable(outcomes: readonly RunOutcome[]): string {
	return htmlTable(
		'Every run.',
		[
			'Cell',
			'seed',
			'before',
			'after',
			'change (95% interval over prompts)',
			'pairs',
			'left out',
			'reused',
			's',
		],
		outcomes.map(({ cell, seed, figures: run, error }) =>
			run === null
				? [words(cell), figures(String(seed)), words(`failed: ${error?.message ?? ''}`)]
				: [
						words(cell),
						figures(String(seed)),
						figures(fixed(run.greedy.before.score, SCORE_DECIMALS)),
						figures(fixed(run.greedy.after.score, SCORE_DECIMALS)),
						figures(withInterval(run.greedy.difference)),
						figures(String(run.pairs.kept)),
						words(
							Object.entries(run.pairs.leftOut)
								.map(([reason, n]) => `${reason} ${n}`)
								.join(', ') || '–',
						),
						words(run.reused.join(', ') || '–'),
						figures(fixed(run.wallSeconds, 0)),
					],
		),
	);
}
