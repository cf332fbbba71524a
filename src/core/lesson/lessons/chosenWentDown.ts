import { labDifference } from '../lab/lab.ts';
import type { Lesson } from '../lesson.ts';

export const chosenWentDown: Lesson = {
	id: 'chosen-went-down',
	title: 'Why did chosen go down?',
	question: 'How can training on an answer make it less likely?',
	minutes: 5,
	runs: [{ recording: 'recorded-dpo', label: 'CLAIR, DPO' }],
	points: [
		{
			text: '{objective} asks for a margin between the two answers, and for nothing else. The smoothed lines end at {chosenReward} for chosen and at {rejectedReward} for rejected. A mean hides single pairs.',
			view: 'overview',
			region: 'Rewards',
		},
		{
			text: 'For {chosenFell} followed pairs the chosen answer was less likely than before training when it was last measured: their dots are left of zero.',
			view: 'overview',
			region: 'Where the pairs are',
		},
		{
			text: 'In pair {fallenPair} the chosen answer fell most. Its reward ends at {fallenChosen}, and the reward of the rejected answer at {fallenRejected}: both fell, and the margin is above 0 all the same.',
			view: 'loss',
			region: 'Pair',
			pair: 'chosenFellMost',
		},
		{
			text: 'Read that pair word by word. Both answers are probabilities of one model, and most of their words are the same. A step that lowers the rejected answer can lower these words in the chosen one too.',
			view: 'pair',
			region: 'Pair',
			pair: 'chosenFellMost',
		},
		{
			text: 'How much of a fall comes from that? The button “Measure step {steps}” takes that step, or as many as you choose beside it, again on a copy of the adapter and splits each change: the push of the chosen term, and what the rejected term adds.',
			view: 'loss',
			region: 'Why does chosen move?',
			pair: 'chosenFellMost',
		},
		{
			text: `It is no fault by itself. Compare the score: it went from {before} to {after} ({gain}, one seed). In the grid, APO-zero minus DPO on the same pairs is ${labDifference('clair apo_zero − clair dpo')}.`,
			view: 'evaluation',
			region: 'Held-out score',
		},
	],
};
