/** Sampling: the model answers every prompt without an adapter. */
import type { RowFault } from '#core/batch/rowFaults.ts';
import { AppError, fromWire } from '#core/errors.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import { baseInTurns } from '../../engines/engineTurns.ts';
import { counting } from './figures.ts';
import { hasStage, pairsAreFixed, type Phase } from './phase.ts';

export const sampling: Phase = {
	id: 'sampling',
	noun: 'output',
	withholdsModel: true,
	isNeeded: ({ recipe, steps }) =>
		hasStage(recipe, 'outputs') && !pairsAreFixed(steps) && steps.output.open > 0,
	async run({ steps, engines, models, gate, signal, save, saveSometimes }) {
		const { output } = steps;
		try {
			const model = baseInTurns(models.loadedTarget, engines.turns);
			await output.sample(model, gate, signal, saveSometimes);
		} finally {
			await save();
		}
		const firstFailure = output.rows.find((row) => row.error !== null)?.error;
		if (output.done === 0 && output.rows.length > 0 && output.open === 0)
			throw nothingToLearnFrom(output.faults);
		if (output.done === 0 && firstFailure) throw fromWire(firstFailure);
		return 'finished';
	},
	sentence: ({ pairs }) =>
		`The model answers every prompt as it does today, with its flaws: ${methodOf(pairs.method).title} makes the pairs from these answers.`,
	figures: ({ output }) =>
		counting(output.done, output.rows.length, {
			perSecond: output.answersPerSecond,
			secondsLeft: output.secondsLeft,
		}),
	stopped:
		'Stopped while the model was answering. The answers so far are kept, and Resume asks for the rest.',
	failed: () => 'Sampling stopped.',
	cutShort: () => 'while the model answered',
};

/** Every row has a fault of its own, so asking again gives nothing. */
function nothingToLearnFrom(faults: readonly RowFault[]): AppError {
	const [first] = faults;
	return new AppError(
		`The model can answer none of the ${faults.length} prompts. The first: ${first?.error.message ?? ''}`,
		{ code: 'no-outputs', hint: first?.error.hint ?? '', context: { rows: faults.length } },
	);
}
