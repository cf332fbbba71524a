/** Splits imported pairs into training and held-out pairs by the hash of the prompt, as for all prompts. */
import { rng } from '../math/rng.ts';
import type { Prompt } from '../prompt/prompt.ts';
import { drawPrompts, splitOf, splitPrompts } from '../prompt/split.ts';
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

export interface DrawOptions {
	/** Pairs to train on, at most. */
	count: number;
	seed: number;
	/** Prompts to hold out, at most. */
	heldOutCount: number;
	heldOutSeed: number;
}

/** The same pairs and options give the same sides; a prompt's text alone decides its side. */
export function drawPairs(pairs: readonly PreferencePair[], options: DrawOptions): DrawnPairs {
	const { count, seed, heldOutCount, heldOutSeed } = options;
	const trainSide = pairs.filter(({ prompt }) => splitOf(prompt.text) === 'train');
	const train = rng(seed).fork('pairs').shuffle(trainSide).slice(0, count);
	const heldOutSide = splitPrompts(distinctPrompts(pairs)).heldOut;
	const heldOutPrompts = drawPrompts(heldOutSide, heldOutCount, heldOutSeed);
	const held = new Set(heldOutPrompts.map(({ id }) => id));
	return {
		train,
		trainPrompts: distinctPrompts(train),
		heldOutPrompts,
		heldOut: pairs.filter(({ prompt }) => held.has(prompt.id)),
	};
}

function distinctPrompts(pairs: readonly PreferencePair[]): readonly Prompt[] {
	return [...new Map(pairs.map(({ prompt }) => [prompt.id, prompt])).values()];
}
