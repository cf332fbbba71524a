/** What a new run takes over from the one before: work whose part of the recipe is the same is not done twice. Pure. */
import type { HeldOutResult } from '#core/evaluation/evaluation.ts';
import type { Output } from '#core/output/output.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Revision } from '#core/revision/revision.ts';
import type { Steps } from '../steps/steps.ts';

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

/** What could be taken over by the two recipes; see `leftoversOn` for what the new run's own rows leave of it. */
export function leftoversFor(next: Recipe, before: Recipe | null, steps: Steps): Leftovers {
	if (before === null || !same(next, before, 'model')) return NOTHING;
	const samplingSame = next.pairs.method === 'clair' && same(next, before, 'prompts', 'sampling');
	const outputs = samplingSame ? steps.output.outputs : [];
	const revisions =
		samplingSame && same(next, before, 'reviser')
			? steps.revision.rows.filter((row) => row.attempts > 0)
			: [];
	const heldOut = same(next, before, 'evaluation', 'prompts')
		? steps.evaluation.results.filter((result) => result.step === 0)
		: [];
	return leftovers(outputs, revisions, heldOut);
}

/** Own prompts and pairs are data beside the recipe: equal settings do not make them equal, so all is matched by prompt. */
export function leftoversOn(
	{ outputs, revisions, heldOut }: Leftovers,
	prompts: readonly Prompt[],
	heldOutPrompts: readonly Prompt[],
): Leftovers {
	const taken = new Set(prompts.map(({ id }) => id));
	const ids = heldOutPrompts.map(({ id }) => id).join();
	return leftovers(
		outputs.filter(({ prompt }) => taken.has(prompt.id)),
		revisions.filter(({ output }) => taken.has(output.prompt.id)),
		heldOut.filter(({ answers }) => answers.map(({ prompt }) => prompt.id).join() === ids),
	);
}

function leftovers(
	outputs: readonly Output[],
	revisions: readonly Revision[],
	heldOut: readonly HeldOutResult[],
): Leftovers {
	const reused: Reused[] = [];
	if (outputs.length > 0) reused.push('outputs');
	if (revisions.length > 0) reused.push('revisions');
	if (heldOut.length > 0) reused.push('held-out before');
	return { reused, outputs, revisions, heldOut };
}
