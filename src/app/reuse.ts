/** What a new run takes over from the one before: work whose part of the recipe is the same is not done twice. Pure. */
import type { HeldOutResult } from '#core/evaluation/evaluation.ts';
import type { Output } from '#core/output/output.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Revision } from '#core/revision/revision.ts';
import type { Steps } from './steps.ts';

/** Kinds of work that were taken over. */
export type Reused = 'outputs' | 'revisions' | 'held-out before';

export interface Leftovers {
	reused: readonly Reused[];
	outputs: readonly Output[];
	revisions: readonly Revision[];
	heldOut: readonly HeldOutResult[];
}

const NOTHING: Leftovers = { reused: [], outputs: [], revisions: [], heldOut: [] };

function same(a: Recipe, b: Recipe, ...parts: (keyof Recipe)[]): boolean {
	return parts.every((part) => JSON.stringify(a[part]) === JSON.stringify(b[part]));
}

/** Own prompts are data beside the recipe: equal settings do not make them equal, so outputs are matched by prompt id too. */
export function leftoversFor(next: Recipe, before: Recipe | null, steps: Steps): Leftovers {
	if (before === null || !same(next, before, 'model')) return NOTHING;
	const samplingSame = same(next, before, 'prompts', 'sampling');
	const outputs = samplingSame ? steps.output.outputs : [];
	const revisions =
		samplingSame && same(next, before, 'reviser')
			? steps.revision.rows.filter((row) => row.attempts > 0)
			: [];
	const heldOut = same(next, before, 'evaluation', 'prompts')
		? steps.evaluation.results.filter((result) => result.step === 0)
		: [];
	const reused: Reused[] = [];
	if (outputs.length > 0) reused.push('outputs');
	if (revisions.length > 0) reused.push('revisions');
	if (heldOut.length > 0) reused.push('held-out before');
	return { reused, outputs, revisions, heldOut };
}
