/** Splits any prompt list by a hash of the text, so that a prompt is on the same side in every run. */
import { hash32 } from '../math/hash.ts';
import { rng } from '../math/rng.ts';
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

/** Separates the held-out prompts. */
export function splitPrompts(prompts: readonly Prompt[]): PromptSplit {
	const isHeldOut = ({ text }: Prompt): boolean => splitOf(text) === 'heldOut';
	return { train: prompts.filter((prompt) => !isHeldOut(prompt)), heldOut: prompts.filter(isHeldOut) };
}

/** At most `count` prompts in seeded order; a larger count only appends to the result of a smaller one. */
export function drawPrompts(prompts: readonly Prompt[], count: number, seed: number): readonly Prompt[] {
	return rng(seed).fork('prompts').shuffle(prompts).slice(0, count);
}
