/** Loading: the recipe's model is read into both engines. */
import type { Phase } from './phase.ts';
import { preparing } from './figures.ts';
import { atStep } from './training.ts';

export const loading: Phase = {
	id: 'loading',
	noun: 'prompt',
	savesAtEnd: true,
	isNeeded: () => true,
	async run({ recipe, engines, signal, save }) {
		await engines.load(recipe.model, signal);
		// Runs in parallel with sampling. A failure here is ignored: training hits it again and reports it.
		engines.compute.prepare(recipe).catch(() => undefined);
		await save();
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
