/**
 * Prompts of the world: distinct, an equal share from each family, split into train and held out by a hash of
 * the text.
 */
import { rng, type Rng } from '../../math/rng.ts';
import { type Split, splitOf } from '../../prompt/split.ts';
import { chosenFamilies, distinctPrompts, drawInTurn } from '../draw.ts';
import type { WorldPrompt } from '../world.ts';
import { families as allFamilies } from './families.ts';
import type { Family } from './family.ts';

export interface TinyPromptOptions {
	count: number;
	seed: number;
	split: Split;
	/** Ids of the families to use; all families if absent or empty. */
	families?: readonly string[];
}

/**
 * Draws distinct prompts from the families in turn. Each family has its own random stream, so a larger count
 * or fewer families leave the earlier prompts of a family unchanged.
 *
 * @throws AppError if a family's name is unknown or the families hold fewer prompts than `count`
 */
export function worldPrompts({ count, seed, split, families }: TinyPromptOptions): WorldPrompt[] {
	const sources = chosenFamilies(allFamilies, families).map((family) => {
		const stream = rng(seed).fork(`prompts:${family.id}:${split}`);
		return distinctPrompts(family.id, () => drawFrom(family, stream, split));
	});
	return drawInTurn(sources, count, split);
}

/** Draws until a prompt belongs to the split. */
export function drawFrom(family: Family, stream: Rng, split: Split): string {
	for (;;) {
		const text = family.draw(stream);
		if (splitOf(text) === split) return text;
	}
}
