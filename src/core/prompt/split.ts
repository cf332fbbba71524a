/** Train and held-out sides of any prompt list: by a hash of the text, so that a prompt is on the same side in every run. */
import { rng } from '../math/rng.ts';
import { splitOf } from '../world/prompts.ts';
import type { Prompt } from './prompt.ts';

export interface PromptSplit {
	train: readonly Prompt[];
	heldOut: readonly Prompt[];
}

/** One prompt in five is held out, whichever list it came in. */
export function splitPrompts(prompts: readonly Prompt[]): PromptSplit {
	const isHeldOut = ({ text }: Prompt): boolean => splitOf(text) === 'heldOut';
	return { train: prompts.filter((prompt) => !isHeldOut(prompt)), heldOut: prompts.filter(isHeldOut) };
}

/** At most `count` prompts in seeded order; a larger count adds to a smaller one and changes nothing before. */
export function drawPrompts(prompts: readonly Prompt[], count: number, seed: number): readonly Prompt[] {
	return rng(seed).fork('prompts').shuffle(prompts).slice(0, count);
}
