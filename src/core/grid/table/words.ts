/** The words of a results table, for the page and for its exports. */
import type { Estimate } from '../../evaluation/evaluation.ts';
import { fixed, signed } from '../../text/numbers.ts';
import { enumerate } from '../../text/wording.ts';
import { settingPlural, settingTitle, withTitle } from './axes.ts';
import type { AveragedSetting, GridTable, TableEntry } from './table.ts';

/** Decimals of scores: means over seeds and prompts are that exact. */
export const SCORE_DECIMALS = 3;

/** A caveat of results with one seed. */
export const ONE_SEED = 'one seed: no interval over seeds';

/** "+0.523" */
export const changeText = ({ score }: Estimate): string => signed(score, SCORE_DECIMALS);

/** "+0.491 to +0.556" */
export function intervalText({ low, high }: Estimate): string {
	return `${signed(low, SCORE_DECIMALS)} to ${signed(high, SCORE_DECIMALS)}`;
}

/** "2 of 3 seeds" while runs are missing, "1 run failed"; empty if all are done. */
export function progressText({ runs }: TableEntry): string {
	const failed = runs.failed === 0 ? '' : `${runs.failed} ${runs.failed === 1 ? 'run' : 'runs'} failed`;
	const open = runs.planned - runs.failed - runs.done;
	return [open > 0 ? `${runs.done} of ${runs.planned} runs` : '', failed].filter(Boolean).join(', ');
}

/** Values that a place names one by one. */
const NAMED = 2;

/** "mean of DPO and APO-down", "mean of 5 objectives, 2 values of β", "only DPO"; empty if all places have the same single values. */
export function overText({ over }: TableEntry): string {
	const [several, single] = [
		over.filter(({ labels }) => labels.length > 1),
		over.filter(({ labels }) => labels.length === 1),
	];
	return [
		...(several.length === 0 ? [] : [`mean of ${several.map(valuesText).join(', ')}`]),
		...(single.length === 0 ? [] : [`only ${single.map(valuesText).join(', ')}`]),
	].join(', ');
}

function valuesText({ id, labels }: AveragedSetting): string {
	if (labels.length > NAMED) return `${labels.length} ${settingPlural(id)}`;
	const [first = '', ...rest] = labels;
	return enumerate([withTitle(settingTitle(id), first), ...rest]);
}

/** All that qualifies the change at a place: its interval, the values that it is a mean of, and the runs that are missing. */
export function belowTexts(entry: TableEntry): readonly string[] {
	return [
		entry.change === null ? '' : intervalText(entry.change),
		overText(entry),
		progressText(entry),
	].filter(Boolean);
}

/** A caution for a table whose places are means over different values; empty for any other. */
export function unevenText({ uneven, averaged, rowTitle, columnTitle }: GridTable): string {
	if (!uneven) return '';
	const axes = enumerate([rowTitle, columnTitle ?? ''].filter(Boolean));
	return `The places are means over different values of ${enumerate(averaged)}, so a difference between two of them is not the effect of ${axes} alone.`;
}

/** The meaning of a table’s numbers and marks, in sentences. */
export function tableCaption(table: GridTable): string {
	const { before, prompts, averaged, uneven, rows } = table;
	const seeds = Math.max(0, ...rows.flatMap(({ entries }) => entries.map((entry) => entry.seeds.length)));
	const over =
		seeds === 1
			? `with its 95% interval over prompts (${ONE_SEED})`
			: 'mean over seeds with its 95% interval over seeds and prompts';
	const scored = `Greedy held-out score after training − before, ${over}`;
	const base = before === null ? '' : ` Before: ${fixed(before, SCORE_DECIMALS)} on ${prompts} prompts.`;
	const mean = averaged.length === 0 || uneven ? '' : ` Each place is a mean over ${enumerate(averaged)}.`;
	return `${scored}.${base}${mean} ${marksCaption(table)}`.trim();
}

/** The caption of a table in a document, with its caution. */
export function exportedCaption(table: GridTable): string {
	return `${unevenText(table)} ${tableCaption(table)}`.trim();
}

/** How the best entry and its equals are found. */
function marksCaption({ measured, rows }: GridTable): string {
	if (measured < 2) return '';
	const hasBest = rows.some(({ entries }) => entries.some(({ rank }) => rank === 'best'));
	const holm = measured === 2 ? '' : `, with Holm’s correction for ${measured - 1} comparisons`;
	if (!hasBest)
		return `Several places share the largest change, so that none is the best. ≈: no clear difference from them (paired by seed and prompt${holm}).`;
	return `Bold: the largest change. ≈: no clear difference from it (paired by seed and prompt${holm}).`;
}
