/** README's table of results: the default recipe, which is a cell of the preference lab. */
import { fixed } from '#core/text/numbers.ts';
import { between, markdownTable } from '../markdown-table.ts';
import { cellOf, over, type LabResults } from './labResults.ts';
import { scoreText } from './tables.ts';

const MARKS = [
	'<!-- results: node scripts/results.ts writes this table -->',
	'<!-- end results -->',
] as const;
const DEFAULT = 'clair apo_zero';

/** README.md with the current table. */
export function withResults(readme: string, results: LabResults): string {
	const cell = cellOf(results, DEFAULT);
	const { runs, greedy, sampled } = cell;
	const mean = (value: number): string => `**${fixed(value, 3)}**`;
	const table = markdownTable(
		['seed', 'pairs', 'greedy before', 'greedy after', 'sampled before', 'sampled after'],
		[
			...runs.map((run) => [
				...[String(run.seed), String(run.pairs)],
				...[scoreText(run.greedy.before), scoreText(run.greedy.after)],
				...[scoreText(run.sampled.before), scoreText(run.sampled.after)],
			]),
			[
				...['mean', String(Math.round(over(cell, ({ pairs }) => pairs)))],
				...[greedy.before, greedy.after.score, sampled.before, sampled.after.score].map(mean),
			],
		],
	);
	return between(readme, MARKS, `${table}\n\n${belowTable(results)}`);
}

function belowTable(results: LabResults): string {
	const { runs } = cellOf(results, DEFAULT);
	const lowest = Math.min(...runs.map(({ greedy }) => greedy.after.score));
	const gain = Math.min(...runs.map(({ sampled }) => sampled.after.score - sampled.before.score));
	return `Scores in [0, 1] with a 95% bootstrap interval over the ${results.recipe.heldOut} prompts. The lowest greedy score after training is ${fixed(lowest, 3)}, the\nsmallest gain of the sampled score ${fixed(gain)}.`;
}
