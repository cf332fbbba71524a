/** Sentences about two runs and their held-out scores. */
import { counted } from '#app/text/format.ts';
import { countDifferences } from '#core/evaluation/compare.ts';
import type { Both, CommonAnswers, RunResults, ScoreRow } from '#core/evaluation/twoRuns.ts';
import { count, interval, signed } from '../format.ts';
import { LETTERS } from './bothCurves.ts';

/** Says which run has no curves; empty if both have them. */
export function untrainedWords([first, second]: Both<{ readonly step: number }>): string {
	const [a, b] = LETTERS;
	if (first.step === 0 && second.step === 0)
		return 'Neither run has trained, so there are no curves of training.';
	if (first.step === 0) return `${a} has not trained, so only ${b} has curves of training.`;
	return second.step === 0 ? `${b} has not trained, so only ${a} has curves of training.` : '';
}

/** Why a run has no scores after training; null if it has answers. @param planned number of held-out prompts of its recipe */
export function missingWords({ before, after }: RunResults, planned: number, letter: string): string | null {
	if (after !== null && after.answers.length > 0) return null;
	if (planned === 0) return `${letter} holds no prompts out, so it has no held-out score.`;
	if (before === null && after === null) return `${letter} has not answered its held-out prompts.`;
	if (after === null) return `${letter} has no held-out answers after training.`;
	return `${letter} could answer none of its held-out prompts.`;
}

/** Prompts that the scores are over. @param results of both, with answers after training */
export function commonWords(results: Both<RunResults>, common: readonly CommonAnswers[]): string {
	const [first = 0, second = 0] = results.map(({ after }) => after?.answers.length ?? 0);
	const n = common.length;
	if (n === 0)
		return 'No held-out prompt is in both runs, so their answers cannot be paired. Each score is over the run’s own prompts.';
	const scored = common.filter(({ difference }) => difference !== null).length;
	const rubric =
		scored === n
			? ''
			: scored === 0
				? ' No rubric scores them: compare the answers yourself.'
				: ` A rubric scores ${count(scored)} of them.`;
	if (n === first && n === second)
		return `Both runs have the same ${counted(n, 'held-out prompt')}.${rubric}`;
	return `${counted(n, 'held-out prompt is', 'held-out prompts are')} in both runs, of ${count(first)} in A and ${count(second)} in B; only these are compared.${rubric}`;
}

/** The larger score and its margin, or that chance explains the difference; empty without a difference. */
export function differenceWords(rows: readonly ScoreRow[], common: readonly CommonAnswers[]): string {
	const after = rows.find((row) => row.of === 'difference')?.after ?? null;
	if (after === null) return '';
	const [a, b] = LETTERS;
	const range = `95% interval ${rangeText(after, true)}`;
	const isClear = after.low > 0 || after.high < 0;
	const verdict = isClear
		? `After training ${b} scores ${after.score > 0 ? 'higher' : 'lower'} than ${a}: ${signed(after.score)} (${range}).`
		: `After training the scores are not distinguishable: ${signed(after.score)} (${range}).`;
	const { better, worse, equal } = countDifferences(common.flatMap(({ difference }) => difference ?? []));
	return `${verdict} ${b}’s answer scores higher for ${counted(better, 'prompt')}, equal for ${count(equal)} and lower for ${count(worse)}.`;
}

export const ROW_NAMES: Readonly<Record<ScoreRow['of'], string>> = {
	first: LETTERS[0],
	second: LETTERS[1],
	difference: `${LETTERS[1]} − ${LETTERS[0]}`,
};

/** "0.78 to 0.85", with signs "+0.10 to +0.30". */
export function rangeText(estimate: { low: number; high: number }, hasSigns: boolean): string {
	return hasSigns ? `${signed(estimate.low)} to ${signed(estimate.high)}` : interval(estimate);
}
