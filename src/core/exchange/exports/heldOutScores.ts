import { writeCsv, type CsvCell } from '../../format/writeCsv.ts';
import { pairAnswers } from '../../evaluation/compare.ts';
import { type RunExport, fileName } from '../export.ts';
import type { RunRecord } from '../../run/run.ts';

const HEAD = [
	'mode',
	'prompt_id',
	'family',
	'prompt',
	'base_answer',
	'tuned_answer',
	'base_score',
	'tuned_score',
	'difference',
	'tuned_step',
];

export const heldOutScores: RunExport = {
	id: 'scores',
	label: 'Evaluation',
	detail: 'CSV; both answers and scores of each held-out prompt',
	write: ({ record }) =>
		Promise.resolve([
			{ name: fileName(record, 'evaluation.csv'), type: 'text/csv', content: writeCsv(HEAD, rowsOf(record)) },
		]),
};

/** Before training and after it, in each mode of decoding; prompts with both answers. */
function rowsOf({ heldOut }: RunRecord): CsvCell[][] {
	return (['greedy', 'sampled'] as const).flatMap((mode) => {
		const results = heldOut.filter((result) => result.mode === mode);
		const before = results.find(({ step }) => step === 0);
		const after = results.findLast(({ step }) => step > 0);
		if (before === undefined || after === undefined) return [];
		return pairAnswers(before.answers, after.answers).map(({ prompt, before: base, after: tuned }) => {
			// Answers of the user's own prompts have no rubric.
			const scored = base.checks.length > 0;
			return [
				mode,
				prompt.id,
				prompt.family,
				prompt.text,
				base.text,
				tuned.text,
				scored ? base.score : null,
				scored ? tuned.score : null,
				scored ? tuned.score - base.score : null,
				after.step,
			];
		});
	});
}
