import { withSeed } from '../../recipe/recipe.ts';
import type { Lesson } from '../lesson.ts';

export const chance: Lesson = {
	id: 'chance',
	title: 'How large is chance?',
	question: 'How much does a result change with the seed alone?',
	minutes: 12,
	opens: { kind: 'recipe', recipe: (standard) => withSeed(standard, 2) },
	points: [
		{
			text: 'This recipe equals that of the recorded run except for its seeds: other prompts, other samples, another start of the adapter. Run it, then come back to this lesson.',
			view: 'prompt',
		},
		{
			text: 'The score went from {before} to {after} here. Keep both numbers in mind.',
			view: 'evaluation',
			region: 'Held-out score',
		},
		{
			text: 'The interval of the gain, {gain}, is a bootstrap over {heldOut} prompts. It says how much other prompts could change the number. It says nothing about other seeds.',
			view: 'evaluation',
			region: 'Held-out score',
		},
		{
			text: 'Open the recorded run from the Shelf and compare its score after training with this one. The difference between the two is chance: nothing else differs.',
			view: 'evaluation',
		},
		{
			text: 'A difference between two recipes that is smaller than the difference between two seeds is no finding. Run several seeds before you believe it.',
			view: 'evaluation',
		},
	],
};
