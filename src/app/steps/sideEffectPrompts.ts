/** The prompts that show the side effects of training in a world: its untouched families and its panel. */
import { methodOf } from '#core/pair/methods/registry.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { promptId } from '#core/world/draw.ts';
import { worldOf } from '#core/world/registry.ts';
import type { World } from '#core/world/world.ts';
import { scoresSetOnWorld } from '../recipe/worldHeldOut.ts';

/** Untouched prompts per held-out prompt, and the most of them: 128 answers give an interval of about ±0.09. */
const UNTOUCHED_SHARE = 0.5;
const MOST_UNTOUCHED = 128;

/** Both are empty in a run with data of the user's own. */
export interface SideEffectPrompts {
	untouched: readonly Prompt[];
	panel: readonly Prompt[];
}

/** The world that the recipe is scored on; null if the prompts or pairs are the user's own. */
export function sourceWorld({ prompts, pairs }: Recipe): World | null {
	const makesPairs = prompts.source === 'world' && methodOf(pairs.method).source === 'prompts';
	return makesPairs || scoresSetOnWorld({ prompts, pairs }) ? worldOf(prompts.world) : null;
}

/** The number of prompts of each kind; 0 if nothing is held out. */
export function sideEffectCounts(recipe: Recipe): Readonly<Record<keyof SideEffectPrompts, number>> {
	const world = sourceWorld(recipe);
	const { count } = recipe.evaluation;
	if (world === null || count === 0) return { untouched: 0, panel: 0 };
	const untouched = Math.min(MOST_UNTOUCHED, Math.ceil(UNTOUCHED_SHARE * count));
	return { untouched: world.untouched.length === 0 ? 0 : untouched, panel: world.panel.length };
}

/** The same recipe gives the same prompts. */
export function sideEffectPrompts(recipe: Recipe): SideEffectPrompts {
	const world = sourceWorld(recipe);
	const counts = sideEffectCounts(recipe);
	if (world === null) return { untouched: [], panel: [] };
	const { seed } = recipe.evaluation;
	return {
		untouched:
			counts.untouched === 0 ? [] : world.prompts({ count: counts.untouched, seed, split: 'untouched' }),
		panel: world.panel.slice(0, counts.panel).map((text) => ({ id: promptId(text), text, family: null })),
	};
}
