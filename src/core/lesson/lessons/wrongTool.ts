import type { Lesson } from '../lesson.ts';

export const wrongTool: Lesson = {
	id: 'wrong-tool',
	title: 'The wrong tool',
	question: 'What happens if APO-down trains a model that is worse than its winning answers?',
	minutes: 12,
	opens: {
		kind: 'recipe',
		recipe: (standard) => ({ ...standard, objective: { ...standard.objective, id: 'apo_down' } }),
	},
	points: [
		{
			text: 'APO-down lowers both sides of a pair, the chosen one less. It is made for a model that already answers better than the winning answers; here the winning answers are corrected ones. Run it, then come back to this lesson.',
			view: 'loss',
		},
		{
			text: 'Both mean rewards over the last steps: chosen {chosenReward}, rejected {rejectedReward}. The model moved away from both answers, so it has to write something else.',
			view: 'overview',
		},
		{
			text: 'The score went from {before} to {after}: {gain}. This is one seed ({seed}). The recorded run of “A first loop” has the same recipe with APO-zero.',
			view: 'evaluation',
			region: 'Held-out score',
		},
		{
			text: 'Read what it writes now. A falling reward of the chosen answers leaves room for text that nobody wanted, often repetition.',
			view: 'evaluation',
			region: 'Got worse',
		},
		{
			text: 'Change one thing: take APO-zero and run again. Sampling and revisions are reused, so only the training differs.',
			view: 'loss',
		},
	],
};
