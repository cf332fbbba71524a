/** Revising: the reviser edits every answer as little as possible. */
import { fromWire } from '#core/errors.ts';
import type { PhaseContext } from '../phaseContext.ts';
import { counting } from './figures.ts';
import { hasStage, pairsAreFixed, type Phase } from './phase.ts';

function applies({ recipe, steps, skipUnrevised }: PhaseContext): boolean {
	return hasStage(recipe, 'revisions') && !pairsAreFixed(steps) && !skipUnrevised;
}

export const revising: Phase = {
	id: 'revising',
	noun: 'revision',
	asksReviser: true,
	prepare(context) {
		const { output, revision } = context.steps;
		if (applies(context)) revision.prepare(output.outputs, revision.rows);
	},
	isNeeded(context) {
		const { asked, rows, counts } = context.steps.revision;
		return applies(context) && (asked < rows.length || counts.failed > 0);
	},
	async run({ steps, recipe, reviser, traffic, gate, signal, save, saveSometimes }) {
		const { revision } = steps;
		try {
			await revision.revise(reviser.model(recipe.reviser, traffic), gate, signal, saveSometimes);
		} finally {
			await save();
		}
		const firstFailure = revision.rows.find((row) => row.error !== null)?.error;
		if (revision.counts.failed === revision.rows.length && firstFailure) throw fromWire(firstFailure);
		return 'finished';
	},
	sentence: () =>
		'The reviser improves each answer and changes as little as possible, so that a pair differs only where it matters.',
	figures: ({ revision }) =>
		counting(revision.asked, revision.rows.length, {
			perSecond: revision.repliesPerSecond,
			secondsLeft: revision.secondsLeft,
		}),
	stopped: 'Stopped while revising. The revisions so far are kept, and Resume asks for the rest.',
	failed: () => 'Revising stopped.',
	cutShort: () => 'while revising',
};
