/** Judging: a judge compares two answers to each prompt, asked twice with their positions swapped. */
import { fromWire } from '#core/errors.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import { askedJudge } from '#core/recipe/askedModel.ts';
import type { PhaseContext } from '../phaseContext.ts';
import { counting, transferring } from './figures.ts';
import { loadTarget } from './loadTarget.ts';
import { hasStage, pairsAreFixed, type Phase } from './phase.ts';

function applies({ recipe, steps, skipUnasked }: PhaseContext): boolean {
	return hasStage(recipe, 'judgements') && !pairsAreFixed(steps) && !skipUnasked;
}

function prepare({ recipe, steps }: PhaseContext): void {
	if (!hasStage(recipe, 'judgements') || pairsAreFixed(steps)) return;
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
	if (applies(context)) await context.reviser.expect(askedJudge(context.recipe));
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
	isNeeded: (context) => applies(context) && context.steps.judgement.canAsk,
	async run(context) {
		const { steps, recipe, reviser, traffic, gate, signal, save, saveSometimes } = context;
		const { judgement } = steps;
		try {
			await reviser.use(askedJudge(recipe), traffic, signal, (model) =>
				judgement.judge(model, { gate, signal, onSettled: saveSometimes }),
			);
		} finally {
			await save();
		}
		const firstFailure = judgement.rows.find(({ error }) => error !== null)?.error;
		if (judgement.counts.failed === judgement.rows.length && firstFailure) throw fromWire(firstFailure);
		// A second model has taken its place.
		await loadTarget(context);
		return 'finished';
	},
	sentence: () =>
		'The judge compares two answers to each prompt, once in each order. Where it contradicts itself, the answers tie and give no pair.',
	figures: ({ judgement }, loading) =>
		loading === null ? counting(judgement.settled, judgement.rows.length, judgement) : transferring(loading),
	stopped: 'Stopped while judging. The verdicts so far are kept, and Resume asks for the rest.',
	failed: () => 'Judging stopped.',
	cutShort: () => 'while judging',
};
