import type { Lesson } from '../lesson.ts';

export const chosenWentDown: Lesson = {
	id: 'chosen-went-down',
	title: 'Why did chosen go down?',
	question: 'How can training on an answer make it less likely?',
	minutes: 5,
	runs: [{ recording: 'recorded', label: 'CLAIR, APO-zero' }],
	points: [
		{
			text: '{objective} raises chosen answers and lowers rejected ones, and over the last steps the mean rewards are {chosenReward} and {rejectedReward}. A mean hides single pairs.',
			view: 'loss',
		},
		{
			text: 'For {chosenFell} followed pairs the chosen answer is less likely at the end than before training: their dots are left of zero.',
			view: 'overview',
		},
		{
			text: 'The two sides of a pair share most of their words. A step that lowers the rejected answer also lowers the words that both sides have, and the chosen answer falls with them.',
			view: 'loss',
		},
		{
			text: 'Two answers that end differently still begin alike. Look at one pair word by word: the difference is a few tokens, and all others are pulled in both directions.',
			view: 'pair',
		},
		{
			text: 'It is no fault by itself. Compare the score: it went from {before} to {after} ({gain}, one seed).',
			view: 'evaluation',
			region: 'Held-out score',
		},
	],
};
