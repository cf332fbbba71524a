/** Revising: the reviser edits every answer as little as possible. */
import { askedReviser } from '#core/recipe/askedModel.ts';
import type { PhaseContext } from '../phaseContext.ts';
import { applies, askAndSave, askedFigures } from './askedStage.ts';
import type { Phase } from './phase.ts';

const STAGE = 'revisions';

function prepare(context: PhaseContext): void {
	const { output, revision } = context.steps;
	if (applies(context, STAGE)) revision.prepare(output.outputs, revision.rows);
}

function isNeeded(context: PhaseContext): boolean {
	const { asked, rows, counts } = context.steps.revision;
	return applies(context, STAGE) && (asked < rows.length || counts.failed > 0);
}

/** True if the run continues with revising: every answer is there, and some have no revision. */
export function asksNow(context: PhaseContext): boolean {
	const { output } = context.steps;
	if (output.open > 0 || output.outputs.length === 0) return false;
	prepare(context);
	return isNeeded(context);
}

/**
 * Checks the reviser before the answers are sampled for it.
 *
 * @throws AppError if the recipe names a second model that cannot revise here
 */
export async function expectReviser(context: PhaseContext): Promise<void> {
	const { steps, reviser, recipe } = context;
	if (applies(context, STAGE) && (steps.output.open > 0 || asksNow(context)))
		await reviser.expect(recipe.reviser);
}

export const revising: Phase = {
	id: 'revising',
	noun: 'revision',
	asks: ({ revision }) => {
		const { waiting, failed } = revision.counts;
		return {
			doing: 'Revising',
			noun: 'revision',
			total: revision.rows.length,
			answered: revision.asked - failed,
			failed,
			firstFailed: revision.rows.findIndex(({ state }) => state === 'failed') + 1,
			left: `${waiting + failed} of ${revision.rows.length} answers are still without a revision`,
		};
	},
	prepare,
	isNeeded,
	async run(context) {
		const { steps, recipe, reviser, traffic, gate, signal, saveSometimes } = context;
		const { revision } = steps;
		const ask = (): Promise<void> =>
			reviser.use(askedReviser(recipe), traffic, signal, (model) =>
				revision.revise(model, gate, signal, saveSometimes),
			);
		await askAndSave(context, ask, () => revision.rows);
		return 'finished';
	},
	sentence: () =>
		'The reviser improves each answer and changes as little as possible, so that a pair differs only where it matters.',
	figures: ({ revision }, loading) =>
		askedFigures(
			[revision.asked, revision.rows.length],
			{ perSecond: revision.repliesPerSecond, secondsLeft: revision.secondsLeft },
			loading,
		),
	stopped: 'Stopped while revising. The revisions so far are kept, and Resume asks for the rest.',
	failed: () => 'Revising stopped.',
	cutShort: () => 'while revising',
};
