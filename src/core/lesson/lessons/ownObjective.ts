import { labDifference } from '../lab/lab.ts';
import type { Lesson } from '../lesson.ts';

export const ownObjective: Lesson = {
	id: 'own-objective',
	title: 'Your own objective',
	question: 'Can one term keep the chosen answers from falling?',
	minutes: 6,
	runs: [
		{ recording: 'recorded-dpo', label: 'DPO' },
		{ recording: 'recorded-own-objective', label: 'own formula' },
	],
	points: [
		{
			text: 'DPO asks for a margin between the two sides, and for nothing else. The smoothed rewards end at {chosenReward} for chosen and {rejectedReward} for rejected; for {chosenFell} followed pairs the chosen answer is less likely than before.',
			view: 'overview',
			region: 'Where the pairs are',
		},
		{
			text: 'This run trained on a formula that was typed: DPO and a term that costs γ for each unit that the chosen answer falls below 0. Its entry has the gradient, which the page derived.',
			view: 'loss',
			region: 'Objectives',
			ownEntry: true,
			run: 'recorded-own-objective',
		},
		{
			text: 'The same pairs with that term: the smoothed rewards end at {chosenReward} and {rejectedReward}, and {chosenFell} chosen answers fell. Left of 0 the field points right. The buttons of this lesson switch between the two planes.',
			view: 'overview',
			region: 'Where the pairs are',
			run: 'recorded-own-objective',
		},
		{
			text: `The score went from {before} to {after} ({gain}, seed {seed}). Own formula minus DPO is ${labDifference('clair own objective − clair dpo')}, APO-zero minus own formula ${labDifference('clair apo_zero − clair own objective')}.`,
			view: 'evaluation',
			region: 'Held-out score',
			run: 'recorded-own-objective',
		},
		{
			text: 'Now yours: “Begin from” takes an objective as text. The page checks each change, derives the gradient and draws the field on these pairs. It warns, for example, of a gradient that is zero at the start or of a loss that has no lower bound.',
			view: 'loss',
			region: 'Write your own',
			run: 'recorded-own-objective',
		},
		{
			text: 'Press “Begin from”: the button “Use it in the next run” appears below the formula. It puts the formula into the recipe, and the run reuses answers and revisions. One seed is one draw: repeat it with other seeds before you believe a difference.',
			view: 'loss',
			region: 'Write your own',
			run: 'recorded-own-objective',
		},
	],
};
