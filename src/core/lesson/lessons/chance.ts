import { lab, labDifference } from '../lab/lab.ts';
import type { Lesson } from '../lesson.ts';

const clair = lab('clair apo_zero');

export const chance: Lesson = {
	id: 'chance',
	title: 'How large is chance?',
	question: 'How much does a result change with the seed alone?',
	minutes: 5,
	runs: [
		{ recording: 'recorded', label: 'seed 1' },
		{ recording: 'recorded-seed-2', label: 'seed 2' },
	],
	points: [
		{
			text: 'This run equals the recorded run of the other lessons except for its seed, {seed}: other prompts, other samples, another order of the pairs, another start of the adapter. The held-out prompts are the same.',
			view: 'prompt',
			region: 'Families',
			run: 'recorded-seed-2',
		},
		{
			text: 'With seed {seed} the score went from {before} to {after}. One click on “seed 1” shows the other run: the difference between the two is chance.',
			view: 'evaluation',
			region: 'Held-out score',
			run: 'recorded-seed-2',
		},
		{
			text: `In the grid of docs/results.md, ${clair.seeds} seeds of this recipe ended at ${clair.scores}; this lesson has runs of the first two. Report the mean, ${clair.after}, and all seeds, never the best one.`,
			view: 'evaluation',
			region: 'Held-out score',
		},
		{
			text: `The interval of this run’s gain, {gain}, is a bootstrap over {heldOut} prompts; it says nothing about other seeds. Over prompts and ${clair.seeds} seeds the gain is ${clair.change}.`,
			view: 'evaluation',
			region: 'Held-out score',
		},
		{
			text: `A difference is a finding if its interval excludes 0. CLAIR minus good judge is ${labDifference('clair apo_zero − on_policy good judge')}. CLAIR minus a stronger model in this model’s manner is ${labDifference('clair apo_zero − stronger own manner')}. Both are differences of the grid.`,
			view: 'evaluation',
			region: 'Held-out score',
		},
		{
			text: 'Curves differ less than scores: switch between the two seeds and look at the rewards. Then choose “Change one thing”, set another seed and see where your own run ends.',
			view: 'overview',
			region: 'Rewards',
		},
	],
};
