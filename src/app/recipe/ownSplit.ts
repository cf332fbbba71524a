/** The two sides of the user's own data, as a run of a recipe draws them. A prompt's text alone decides its side. */
import { drawPairs, type DrawnPairs } from '#core/pair/draw.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import { drawPrompts, splitPrompts, type PromptSplit } from '#core/prompt/split.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { ImportedData } from './importedData.svelte.ts';

/** Settings that decide the sides. */
type DrawSettings = Pick<Recipe, 'prompts' | 'evaluation'>;

export interface OwnSplit {
	/** Prompts or pairs to train on. */
	train: number;
	/** Prompts that are held out. */
	heldOut: number;
}

export function drawOwnPrompts(own: readonly Prompt[], { prompts, evaluation }: DrawSettings): PromptSplit {
	const { train, heldOut } = splitPrompts(own);
	return {
		train: drawPrompts(train, prompts.count, prompts.seed),
		heldOut: drawPrompts(heldOut, evaluation.count, evaluation.seed),
	};
}

export function drawOwnPairs(
	own: readonly PreferencePair[],
	{ prompts, evaluation }: DrawSettings,
): DrawnPairs {
	return drawPairs(own, {
		count: prompts.count,
		seed: prompts.seed,
		heldOutCount: evaluation.count,
		heldOutSeed: evaluation.seed,
	});
}

/** How a run of the recipe splits the imported rows, without rows that are too long; null if it uses none. */
export function ownSplit(recipe: Recipe, { prompts, pairs }: ImportedData): OwnSplit | null {
	if (methodOf(recipe.pairs.method).source === 'pairs') {
		if (pairs.set === null) return null;
		const fits = without(pairs.tooLong(recipe.training).leftOut);
		const { train, heldOutPrompts } = drawOwnPairs(pairs.set.pairs, recipe);
		return {
			train: train.filter(({ prompt }) => fits(prompt)).length,
			heldOut: heldOutPrompts.filter(fits).length,
		};
	}
	if (recipe.prompts.source !== 'own' || prompts.set === null) return null;
	const fits = without(prompts.tooLong);
	const { train, heldOut } = drawOwnPrompts(prompts.set.prompts, recipe);
	return { train: train.filter(fits).length, heldOut: heldOut.filter(fits).length };
}

function without(rows: readonly { text: string }[]): (prompt: Prompt) => boolean {
	const texts = new Set(rows.map(({ text }) => text));
	return ({ text }) => !texts.has(text);
}
