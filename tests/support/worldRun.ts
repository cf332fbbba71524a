/** Results of a finished run in the world of instructions, with answers as a small language model gives them. */
import { resultOf } from '#app/steps/evaluationViews.ts';
import type { SideEffectResults } from '#app/steps/sideEffects.svelte.ts';
import { sideEffectPrompts } from '#app/steps/sideEffectPrompts.ts';
import type { HeldOutResult } from '#core/evaluation/evaluation.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { reviseAnswer, worldOf } from '#core/world/registry.ts';

const PLAIN = [
	'It is a quiet place, and many people like to visit it in the spring. There is a lot to see, such as old trees and small birds.',
	'Sure! Here is what I can tell you about it. It is useful in daily life, and it helps people to do their work better.',
	'There are many kinds of it in the world. Some are large, some are small, and all of them need care.',
	'This is an interesting question. The answer depends on where you live and what you want to do with it.',
];

const LONG =
	'There are several things to know about this. First, it is common in many countries, and people have known it for a long time. Second, it changes with the seasons, so that no two days are the same. Finally, it is good to ask a friend who has tried it before.';

const plainAnswer = (i: number): string => PLAIN[i % PLAIN.length] ?? '';

function revised(prompt: string, answer: string): string {
	const revision = reviseAnswer(prompt, answer, 1);
	return revision !== null && 'revised' in revision ? revision.revised : answer;
}

export interface WorldRun extends SideEffectResults {
	heldOut: readonly HeldOutResult[];
}

/**
 * @param step   the step of the tuned state
 * @param costly true if the gain costs: unrelated answers are cut to their first words, which the base model finds odd
 */
export async function worldRun(recipe: Recipe, step: number, costly: boolean): Promise<WorldRun> {
	const { count, seed } = recipe.evaluation;
	const held = worldOf(recipe.prompts.world).prompts({ count, seed, split: 'heldOut' });
	const { untouched, panel } = sideEffectPrompts(recipe);
	const result = async (
		at: number,
		prompts: readonly Prompt[],
		tuned: (prompt: string, i: number) => string,
	) =>
		resultOf(
			'greedy',
			at,
			prompts,
			prompts.map(({ text }, i) => (at === 0 ? plainAnswer(i) : tuned(text, i))),
		);
	const learned = (text: string, i: number): string => revised(text, plainAnswer(i));
	const same = (_: string, i: number): string => plainAnswer(i);
	const base = `${LONG} ${LONG}`;
	const tuned = costly ? 'There are things.' : LONG + LONG.slice(0, 180);
	return {
		heldOut: [await result(0, held, learned), await result(step, held, learned)],
		untouched: [await result(0, untouched, same), await result(step, untouched, same)],
		panel: [
			{ step: 0, engine: 'compute', answers: panel.map((prompt) => ({ prompt, text: base })) },
			{
				step,
				engine: 'compute',
				answers: panel.map((prompt, i) => ({ prompt, text: i < 3 ? base : tuned })),
				fluency: panel.map(({ id }) => ({
					promptId: id,
					base: { logp: -48, tokens: 100 },
					tuned: costly ? { logp: -22, tokens: 10 } : { logp: -61, tokens: 100 },
				})),
			},
		],
	};
}
