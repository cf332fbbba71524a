/** Models of the cast that answer prompts: a stronger one than the embedded model, and others of different strength and manner. */
import { rng } from '../../math/rng.ts';
import { answerPrompt } from '../../world/registry.ts';
import type { Habits } from '../../world/world.ts';
import { type CastModel, lastUserText, numberOf, type CastSetting } from '../castModel.ts';

/** @param habits the defaults of the model's settings */
function answerer(id: string, title: string, habits: Habits): CastModel {
	const settings: Readonly<Record<keyof Habits, CastSetting>> = {
		flawed: { title: 'share of flawed answers', kind: 'number', default: habits.flawed, min: 0, max: 1 },
		manner: { title: 'manner', kind: 'choice', default: habits.manner, choices: ['own', 'foreign'] },
	};
	return {
		id,
		title,
		settings,
		reply(messages, seed, values) {
			const prompt = lastUserText(messages);
			const own: Habits = {
				flawed: numberOf(values, 'flawed'),
				manner: values['manner'] === 'own' ? 'own' : 'foreign',
			};
			const answer = answerPrompt(prompt, own, rng(seed).fork(`${id}:${prompt}`));
			if (answer === null)
				return {
					refused:
						'it only knows the tasks of the built-in worlds, and this prompt is not one of them. Choose another endpoint for your own prompts.',
				};
			return typeof answer === 'string' ? { text: answer } : answer;
		},
	};
}

/** Right answers with few flaws. */
export const stronger = answerer('embedded-stronger', 'built-in stronger model', {
	flawed: 0.05,
	manner: 'foreign',
});
export const otherA = answerer('embedded-other-a', 'built-in model A', { flawed: 0.3, manner: 'foreign' });
export const otherB = answerer('embedded-other-b', 'built-in model B', { flawed: 0.6, manner: 'foreign' });
export const otherC = answerer('embedded-other-c', 'built-in model C', { flawed: 0.45, manner: 'own' });
