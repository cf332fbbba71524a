/** Splits any prompt list by a hash of the text, so that a prompt is on the same side in every run, and draws from both sides. */
import { hash32 } from '../math/hash.ts';
import { at } from '../math/at.ts';
import { rng, type Rng } from '../math/rng.ts';
import type { Prompt } from './prompt.ts';

export type Split = 'train' | 'heldOut';

/** One prompt in five is held out. */
const HELD_OUT_SHARE = 5;

/** The side of a prompt; its text alone decides. */
export function splitOf(promptText: string): Split {
	return hash32(`split:${promptText}`) % HELD_OUT_SHARE === 0 ? 'heldOut' : 'train';
}

export interface PromptSplit {
	train: readonly Prompt[];
	heldOut: readonly Prompt[];
}

/** Prompts with their sides. An import decides the sides once, because the hash of thousands of texts would block the page. */
export interface SidedPrompts {
	prompts: readonly Prompt[];
	/** True for each prompt that is held out; see {@link isHeldOut}. */
	heldOut: readonly boolean[];
}

export interface DrawOptions {
	/** Prompts or pairs to train on, at most. */
	count: number;
	seed: number;
	/** Prompts to hold out, at most. */
	heldOutCount: number;
	heldOutSeed: number;
}

/** Holds out one prompt in five, decided by the text alone. */
export const isHeldOut = (text: string): boolean => splitOf(text) === 'heldOut';

/**
 * At most `count` usable rows of one side, in an order that depends on neither `count` nor the unusable rows: a larger count only
 * appends, and a further usable row moves no other one.
 */
export function drawSide<Row>(
	side: readonly Row[],
	stream: Rng,
	count: number,
	isUsable: (row: Row) => boolean,
): readonly Row[] {
	return stream.shuffle(side).filter(isUsable).slice(0, count);
}

/** @param isUsable by index; an unusable prompt is replaced by the next one */
export function drawPrompts(
	{ prompts, heldOut }: SidedPrompts,
	{ count, seed, heldOutCount, heldOutSeed }: DrawOptions,
	isUsable: (index: number) => boolean = () => true,
): PromptSplit {
	const indices = [...prompts.keys()];
	const draw = (held: boolean, most: number, sideSeed: number): readonly Prompt[] => {
		const side = indices.filter((index) => heldOut[index] === held);
		const drawn = drawSide(side, rng(sideSeed).fork('prompts'), most, isUsable);
		return drawn.map((index) => at(prompts, index));
	};
	return { train: draw(false, count, seed), heldOut: draw(true, heldOutCount, heldOutSeed) };
}
