/** Loading: the recipe's model is read into both engines. */
import { reviserKind } from '#core/recipe/reviserKind.ts';
import type { Phase } from './phase.ts';
import { preparing } from './figures.ts';
import { loadTarget } from './loadTarget.ts';
import { expectAnswerers } from './answering.ts';
import { expectJudge } from './judging.ts';
import { asksNow, expectReviser } from './revising.ts';
import { atStep } from './training.ts';

export const loading: Phase = {
	id: 'loading',
	noun: 'prompt',
	savesAtEnd: true,
	// A second model would unload the target at once, and revising loads it afterwards.
	isNeeded: (context) => !(reviserKind(context.recipe.reviser) === 'local' && asksNow(context)),
	async run(context) {
		await expectAnswerers(context);
		await expectReviser(context);
		await expectJudge(context);
		await loadTarget(context);
		await context.save();
		return 'finished';
	},
	sentence: () =>
		'The model’s files are read into both engines: one answers, the other trains, and both hold the same weights.',
	figures: (_steps, progress) => (progress === null ? [] : [preparing(progress)]),
	stopped: 'Stopped while loading. Nothing was lost; Resume loads the rest.',
	failed: () => 'The model could not be loaded.',
	// A resumed run starts with loading, even after some training steps.
	cutShort: (run) => (run.step > 0 ? atStep(run) : 'while loading'),
};
