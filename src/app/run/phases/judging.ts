/** Judging: a judge compares two answers to each prompt, asked twice with their positions swapped. */
import { methodOf } from '#core/pair/methods/registry.ts';
import { askedJudge } from '#core/recipe/askedModel.ts';
import type { PhaseContext } from '../phaseContext.ts';
import { applies, askAndSave, askedFigures } from './askedStage.ts';
import { hasStage, pairsAreFixed, type Phase } from './phase.ts';

const STAGE = 'judgements';

function prepare({ recipe, steps }: PhaseContext): void {
	if (!hasStage(recipe, STAGE) || pairsAreFixed(steps)) return;
	const { output, answer, judgement } = steps;
	const { comparisons } = methodOf(recipe.pairs.method);
	judgement.prepare(
		comparisons?.({ outputs: output.outputs, answers: answer.outputs }) ?? [],
		judgement.rows,
	);
}

/**
 * Checks the judge before the answers are made for it.
 *
 * @throws AppError if the recipe names a second model that cannot judge here
 */
export async function expectJudge(context: PhaseContext): Promise<void> {
	if (applies(context, STAGE)) await context.reviser.expect(askedJudge(context.recipe));
}

export const judging: Phase = {
	id: 'judging',
	noun: 'revision',
	asks: ({ judgement }) => {
		const { waiting, failed } = judgement.counts;
		return {
			doing: 'Judging',
			noun: 'judgement',
			total: judgement.rows.length,
			answered: judgement.settled - failed,
			failed,
			firstFailed: judgement.rows.findIndex(({ state }) => state === 'failed') + 1,
			left: `${waiting + failed} of ${judgement.rows.length} comparisons are still without a verdict`,
		};
	},
	prepare,
	isNeeded: (context) => applies(context, STAGE) && context.steps.judgement.canAsk,
	async run(context) {
		const { steps, recipe, reviser, traffic, gate, signal, saveSometimes } = context;
		const { judgement } = steps;
		const ask = (): Promise<void> =>
			reviser.use(askedJudge(recipe), traffic, signal, (model) =>
				judgement.judge(model, { gate, signal, onSettled: saveSometimes }),
			);
		await askAndSave(context, ask, () => judgement.rows);
		return 'finished';
	},
	sentence: () =>
		'The judge compares two answers to each prompt, once in each order. Where it contradicts itself, the answers tie and give no pair.',
	figures: ({ judgement }, loading) =>
		askedFigures([judgement.settled, judgement.rows.length], judgement, loading),
	stopped: 'Stopped while judging. The verdicts so far are kept, and Resume asks for the rest.',
	failed: () => 'Judging stopped.',
	cutShort: () => 'while judging',
};
