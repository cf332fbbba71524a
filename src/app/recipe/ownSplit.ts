/** How much of the user's own data a run of a recipe uses. A prompt's text alone decides its side. */
import { methodOf } from '#core/pair/methods/registry.ts';
import type { SkippedRow } from '#core/prompt/prompt.ts';
import { reasonsOf } from '#core/prompt/skipped.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { counted } from '../text/format.ts';
import { type ImportedData, pairsFor } from './importedData.svelte.ts';

export interface OwnSplit {
	/** Prompts or pairs to train on. */
	train: number;
	/** Prompts that are held out. */
	heldOut: number;
	/** Imported prompts or pairs that the recipe's model cannot use, as far as their tokens are counted. */
	leftOut: number;
	/** Pairs that are not trained on, because their prompts are held out. */
	heldOutPairs: number;
}

/** "3 prompts of yours are left out: too long for this recipe, or unreadable for its model." */
export function leftOutRows(rows: number, noun: string): string {
	const are = rows === 1 ? 'is' : 'are';
	return `${counted(rows, noun)} of yours ${are} left out: too long for this recipe, or unreadable for its model.`;
}

/** Sentences about a file of pairs: the pairs that train, and the rows and pairs that do not. */
export function fileSentences(
	file: string,
	{ train, leftOut, heldOutPairs }: OwnSplit,
	skipped: readonly SkippedRow[],
): readonly string[] {
	const are = (n: number): string => (n === 1 ? 'is' : 'are');
	return [
		`${file}: ${counted(train, 'pair')} will train.`,
		...(heldOutPairs > 0
			? [
					`${counted(heldOutPairs, 'pair')} ${are(heldOutPairs)} left out of the training, because their prompts are held out.`,
				]
			: []),
		...(leftOut > 0 ? [leftOutRows(leftOut, 'pair')] : []),
		...(skipped.length > 0
			? [`${counted(skipped.length, 'row')} ${are(skipped.length)} left out: ${reasonsOf(skipped)}.`]
			: []),
	];
}

/** How a run of the recipe splits the imported rows, without rows that are too long; null if it uses none. */
export function ownSplit(recipe: Recipe, imported: ImportedData): OwnSplit | null {
	const { prompts } = imported;
	if (methodOf(recipe.pairs.method).source === 'pairs') {
		const pairs = pairsFor(imported, recipe);
		if (pairs.set === null) return null;
		const { train, heldOutPrompts, heldOut } = pairs.draw(recipe);
		const { leftOut } = pairs.tooLong(recipe);
		return {
			...{ train: train.length, heldOut: heldOutPrompts.length },
			...{ leftOut: leftOut.length, heldOutPairs: heldOut.length },
		};
	}
	if (recipe.prompts.source !== 'own' || prompts.set === null) return null;
	const { train, heldOut } = prompts.draw(recipe);
	const leftOut = prompts.tooLong(recipe).length;
	return { train: train.length, heldOut: heldOut.length, leftOut, heldOutPairs: 0 };
}
