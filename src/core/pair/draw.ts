/** Splits imported pairs into training and held-out pairs by the hash of the prompt, as for all prompts. */
import { at } from '../math/at.ts';
import { rng } from '../math/rng.ts';
import type { Prompt } from '../prompt/prompt.ts';
import { drawSide, type DrawOptions } from '../prompt/split.ts';
import type { PreferencePair } from './pair.ts';

export interface DrawnPairs {
	/** Pairs to train on, in seeded order. */
	train: readonly PreferencePair[];
	/** Prompts of `train`, each once. */
	trainPrompts: readonly Prompt[];
	/** Prompts whose pairs are never trained on, and those pairs. */
	heldOutPrompts: readonly Prompt[];
	heldOut: readonly PreferencePair[];
}

/** Pairs with the sides of their prompts, as an import decides them. */
export interface SidedPairs {
	pairs: readonly PreferencePair[];
	/** True for each pair whose prompt is held out. */
	heldOut: readonly boolean[];
}

/**
 * The same pairs and options give the same sides; a prompt's text alone decides its side.
 *
 * @param isUsable by index; an unusable pair is replaced by the next one, and a held-out prompt without a usable pair by the next
 */
export function drawPairs(
	{ pairs, heldOut }: SidedPairs,
	{ count, seed, heldOutCount, heldOutSeed }: DrawOptions,
	isUsable: (index: number) => boolean = () => true,
): DrawnPairs {
	const indices = [...pairs.keys()];
	const pairOf = (index: number): PreferencePair => at(pairs, index);
	const trainSide = indices.filter((index) => heldOut[index] === false);
	const train = drawSide(trainSide, rng(seed).fork('pairs'), count, isUsable).map(pairOf);
	const heldOutSide = indices.filter((index) => heldOut[index] === true);
	const usable = heldOutSide.filter(isUsable).map(pairOf);
	const answerable = new Set(usable.map(({ prompt }) => prompt.id));
	const heldOutPrompts = drawSide(
		distinctPrompts(heldOutSide.map(pairOf)),
		rng(heldOutSeed).fork('prompts'),
		heldOutCount,
		({ id }) => answerable.has(id),
	);
	const held = new Set(heldOutPrompts.map(({ id }) => id));
	return {
		train,
		trainPrompts: distinctPrompts(train),
		heldOutPrompts,
		heldOut: usable.filter(({ prompt }) => held.has(prompt.id)),
	};
}

/** The prompts of pairs, each once. */
export function distinctPrompts(pairs: readonly PreferencePair[]): readonly Prompt[] {
	return [...new Map(pairs.map(({ prompt }) => [prompt.id, prompt])).values()];
}
