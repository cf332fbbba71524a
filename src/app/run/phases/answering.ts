/** Answering: other models answer the prompts, where the data method learns from their answers. */
import { methodOf } from '#core/pair/methods/registry.ts';
import type { AskedModel } from '#core/recipe/askedModel.ts';
import type { PhaseContext } from '../phaseContext.ts';
import { applies, askAndSave, askedFigures } from './askedStage.ts';
import type { Phase } from './phase.ts';

const STAGE = 'answers';

/**
 * Checks the models before others work for them.
 *
 * @throws AppError if the recipe names a second model that cannot answer here
 */
export async function expectAnswerers(context: PhaseContext): Promise<void> {
	if (!applies(context, STAGE) || !context.steps.answer.canAsk) return;
	for (const asked of context.steps.answer.models) await context.reviser.expect(asked);
}

export const answering: Phase = {
	id: 'answering',
	noun: 'output',
	asks: ({ answer }) => ({
		doing: 'Asking other models',
		noun: 'answer',
		total: answer.rows.length,
		answered: answer.done,
		failed: answer.failed,
		firstFailed: answer.rows.findIndex(({ state }) => state === 'failed') + 1,
		left: `${answer.open} of ${answer.rows.length} answers are still missing`,
	}),
	isNeeded: (context) => applies(context, STAGE) && context.steps.answer.canAsk,
	async run(context) {
		const { steps, reviser, traffic, gate, signal, saveSometimes } = context;
		await askAndSave(context, () =>
			steps.answer.answer((asked: AskedModel, work) => reviser.use(asked, traffic, signal, work), {
				gate,
				signal,
				onSettled: saveSometimes,
			}),
		);
		return 'finished';
	},
	sentence: ({ pairs }) => {
		const { answersBy, title } = methodOf(pairs.method);
		return answersBy === 'stronger'
			? 'A stronger model answers the same prompts; its answers are preferred over the model’s own.'
			: `Other models answer the same prompts: ${title} makes the pairs from their answers.`;
	},
	figures: ({ answer }, loading) =>
		askedFigures([answer.rows.length - answer.open, answer.rows.length], answer, loading),
	stopped: 'Stopped while other models answered. The answers so far are kept, and Resume asks for the rest.',
	failed: () => 'Asking other models stopped.',
	cutShort: () => 'while other models answered',
};
