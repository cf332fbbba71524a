/** Draws a run's pairs from a set whose held-out prompts come from elsewhere: pairs of held-out prompts are not trained on. */
import { at } from '../../math/at.ts';
import { rng } from '../../math/rng.ts';
import { questionKey } from '../../prompt/overlap.ts';
import type { Prompt } from '../../prompt/prompt.ts';
import { drawSide, type DrawOptions } from '../../prompt/split.ts';
import { distinctPrompts, type DrawnPairs, type SidedPairs } from '../draw.ts';

/**
 * A pair is left out of the training if the hash of its prompt holds it out, as in every run, or if a held-out prompt asks the same
 * question. The pairs that are left out are the held-out pairs.
 *
 * @param heldOutPrompts of the run's evaluation
 * @param isUsable       by index; an unusable pair is replaced by the next one
 */
export function drawSet(
	{ pairs, heldOut }: SidedPairs,
	{ count, seed }: Pick<DrawOptions, 'count' | 'seed'>,
	heldOutPrompts: readonly Prompt[],
	isUsable: (index: number) => boolean = () => true,
): DrawnPairs {
	const held = new Set(heldOutPrompts.map(({ text }) => questionKey(text)));
	const isHeldOut = (index: number): boolean =>
		heldOut[index] === true || held.has(questionKey(at(pairs, index).prompt.text));
	const indices = [...pairs.keys()];
	const trainSide = indices.filter((index) => !isHeldOut(index));
	const train = drawSide(trainSide, rng(seed).fork('pairs'), count, isUsable).map((index) =>
		at(pairs, index),
	);
	return {
		train,
		trainPrompts: distinctPrompts(train),
		heldOutPrompts,
		heldOut: indices.filter((index) => isHeldOut(index) && isUsable(index)).map((index) => at(pairs, index)),
	};
}
