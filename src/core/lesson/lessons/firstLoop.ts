import type { Lesson } from '../lesson.ts';

export const firstLoop: Lesson = {
	id: 'first-loop',
	title: 'A first loop',
	question: 'How does a small model learn from edits of its own answers?',
	minutes: 4,
	runs: [{ recording: 'recorded', label: 'CLAIR, APO-zero' }],
	points: [
		{
			text: 'The model answered {answers} prompts. Read a few and their checks: it knows the tasks and has bad habits.',
			view: 'output',
			region: 'Answer',
		},
		{
			text: 'A reviser edited each answer and changed as little as it could. “Words in common” shows the mean over all edits, set {wordsKept}: of all words of an answer and its edit, that share is in both. The answer loses, its edit wins: that is a pair, and the run has {pairs}.',
			view: 'revision',
			region: 'How minimal?',
		},
		{
			text: 'Training on the pairs lowers the loss. It began at {firstLoss}, the value of {objective} before any step, and the smoothed line ends at {lastLoss}.',
			view: 'overview',
			region: 'Loss',
		},
		{
			text: 'Each dot of the plane is a pair: right means that the chosen answer became more likely, down that the rejected one became less likely.',
			view: 'overview',
			region: 'Where the pairs are',
		},
		{
			text: 'The score on {heldOut} prompts that were never trained on went from {before} to {after}: {gain}. This is one seed ({seed}); another one gives other digits.',
			view: 'evaluation',
			region: 'Held-out score',
		},
		{
			text: 'Not every answer got better. Read those that got worse before you believe the mean.',
			view: 'evaluation',
			region: 'Got worse',
		},
	],
};
