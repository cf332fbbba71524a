/** Splits any prompt list by a hash of the text, so that a prompt is on the same side in every run. */
import { rng } from '../math/rng.ts';
import { splitOf } from '../world/tiny/prompts.ts';
import type { Prompt } from './prompt.ts';

export interface PromptSplit {
	train: readonly Prompt[];
	heldOut: readonly Prompt[];
}

/** Holds out one prompt in five, decided by the text alone. */
export function splitPrompts(prompts: readonly Prompt[]): PromptSplit {
	const isHeldOut = ({ text }: Prompt): boolean => splitOf(text) === 'heldOut';
	return { train: prompts.filter((prompt) => !isHeldOut(prompt)), heldOut: prompts.filter(isHeldOut) };
}

/** At most `count` prompts in seeded order; a larger count only appends to the result of a smaller one. */
export function drawPrompts(prompts: readonly Prompt[], count: number, seed: number): readonly Prompt[] {
	return rng(seed).fork('prompts').shuffle(prompts).slice(0, count);
}
