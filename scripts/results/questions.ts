/** The four questions that the lab asked before its runs, each with a plain answer. */
import { percent } from '#core/text/numbers.ts';
import { brokenRuns, cellOf, comparisonOf, type Interval, type LabResults } from './labResults.ts';
import { changeText, comparisonTable, creditText, runScore, seedTable } from './tables.ts';

const CLAIR = 'clair apo_zero';
const JUDGED = ['on_policy good judge', 'on_policy biased judge'] as const;
const DOWN = 'clair apo_down';
const WORSE = ['worse winners apo_zero', 'worse winners apo_down'] as const;

const isAbove = ({ low }: Interval): boolean => low > 0;
const isBelow = ({ high }: Interval): boolean => high < 0;

/** "**It holds.**" */
const verdict = (holds: boolean): string => (holds ? '**It holds.**' : '**It does not hold.**');

export function chapterOfScore(results: LabResults): string[] {
	const pairs = JUDGED.map((judged) => [CLAIR, judged] as const);
	const clear = pairs.filter(([a, b]) => isAbove(comparisonOf(results, a, b).difference));
	const split =
		clear.length === pairs.length
			? ''
			: ` The interval excludes 0 against ${clear.length === 0 ? 'neither judge' : clear.map(([, judge]) => judge).join(' and ')}.`;
	return [
		'### 1. CLAIR with APO-zero is above an on-policy judge with APO-zero',
		`${verdict(clear.length === pairs.length)}${split} The good judge prefers the better answer in ${rightShare(results, JUDGED[0])} of its decisions, the biased one in ${rightShare(results, JUDGED[1])}.`,
		comparisonTable(results, pairs),
		seedTable(results, [CLAIR, ...JUDGED], 'greedy score after', runScore('greedy')),
	];
}

export function wrongTool(results: LabResults): string[] {
	const { difference } = comparisonOf(results, CLAIR, DOWN);
	return [
		'### 2. APO-down gains less than APO-zero on CLAIR pairs of the base model',
		`${verdict(isAbove(difference))} APO-down changes the greedy score by ${changeText(cellOf(results, DOWN).greedy.change)}.${brokenNote(results, DOWN)}`,
		comparisonTable(results, [[CLAIR, DOWN]]),
		seedTable(results, [CLAIR, DOWN], 'greedy score after', runScore('greedy')),
	];
}

export function chapterOfCredit(results: LabResults): string[] {
	const differences = JUDGED.map((judged) => comparisonOf(results, CLAIR, judged).credit);
	const holds = differences.every((credit) => credit !== null && isAbove(credit));
	const words = JUDGED.map((judged, i) => {
		const credit = differences[i];
		return credit == null ? `${judged}: not measured` : `CLAIR − ${judged}: ${changeText(credit)}`;
	});
	return [
		'### 3. The share of credit on edited tokens is larger for CLAIR than for both judges',
		`${verdict(holds)} ${words.join('; ')}; intervals over seeds. The table shows the share of credit on edited tokens and the share of tokens that are edited.`,
		seedTable(results, [CLAIR, ...JUDGED], 'credit on edits / edited tokens', creditText),
	];
}

export function chapterOfWorse(results: LabResults): string[] {
	const [zero, down] = WORSE;
	const { greedy, sampled } = cellOf(results, zero);
	const other = cellOf(results, down);
	return [
		'### 4. From the tuned model, APO-zero on winners worse than its own answers lowers the score',
		`${verdict(isBelow(greedy.change))} Greedy: ${changeText(greedy.change)}. Sampled at temperature 1: ${changeText(sampled.change)}, ${isBelow(sampled.change) ? 'which excludes 0' : 'which includes 0'}. The run begins from “${CLAIR}” of the same seed; two worse models wrote the answers and the good judge picked.`,
		`APO-down on the same pairs, greedy: ${changeText(other.greedy.change)}; sampled: ${changeText(other.sampled.change)}.${brokenNote(results, down)}`,
		comparisonTable(results, [[zero, down]]),
		seedTable(results, [CLAIR, ...WORSE], 'greedy score after', runScore('greedy')),
		seedTable(results, [CLAIR, ...WORSE], 'sampled score after', runScore('sampled')),
	];
}

/** The accuracy of the judges of several cells, a sentence. */
export function byJudge(results: LabResults, names: readonly string[]): string {
	const judged = results.cells
		.filter(({ name, runs }) => names.includes(name) && runs.some(({ judge }) => judge !== null))
		.map(({ name }) => name);
	const parts = judged.map(
		(name) =>
			`${name}: ${rightShare(results, name)} right, ${longerShare(results, name)} for the longer answer`,
	);
	return `The judges’ decisions. ${parts.join('; ')}.`;
}

function brokenNote(results: LabResults, name: string): string {
	const cell = cellOf(results, name);
	const broken = brokenRuns(cell).length;
	return broken === 0
		? ''
		: ` The model is broken in ${broken} of ${cell.runs.length} seeds, and the difference measures that, too.`;
}

function rightShare(results: LabResults, name: string): string {
	return judgeShare(results, name, 'right', 'decided');
}

function longerShare(results: LabResults, name: string): string {
	return judgeShare(results, name, 'longer', 'unequal');
}

/** Over all seeds. */
function judgeShare(
	results: LabResults,
	name: string,
	part: 'right' | 'longer',
	whole: 'decided' | 'unequal',
): string {
	const judges = cellOf(results, name).runs.flatMap(({ judge }) => judge ?? []);
	const sum = (key: typeof part | typeof whole): number =>
		judges.reduce((total, judge) => total + judge[key], 0);
	return percent(sum(part) / sum(whole));
}
