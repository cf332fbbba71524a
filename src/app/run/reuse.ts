/** Work that a new run reuses from another: nothing is done twice if its part of the recipe is the same. Pure. */
import type { HeldOutResult } from '#core/evaluation/evaluation.ts';
import type { Output } from '#core/output/output.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Revision } from '#core/revision/revision.ts';
import { NO_RESULTS, type SideEffectResults } from '../steps/sideEffects.svelte.ts';
import type { Steps } from '../steps/steps.ts';

/** Kinds of work that are reused. */
export type Reused = 'outputs' | 'revisions' | 'held-out before';

export interface Reusable {
	reused: readonly Reused[];
	outputs: readonly Output[];
	revisions: readonly Revision[];
	heldOut: readonly HeldOutResult[];
	sideEffects: SideEffectResults;
}

export const NOTHING_REUSABLE: Reusable = {
	reused: [],
	outputs: [],
	revisions: [],
	heldOut: [],
	sideEffects: NO_RESULTS,
};

function same(a: Recipe, b: Recipe, ...parts: (keyof Recipe)[]): boolean {
	return parts.every((part) => JSON.stringify(a[part]) === JSON.stringify(b[part]));
}

/** Work that the two recipes allow to reuse; `reusableFor` then limits it to the new run's prompts. */
export function reusableOf(next: Recipe, before: { recipe: Recipe; steps: Steps }): Reusable {
	const { recipe, steps } = before;
	if (!same(next, recipe, 'model', 'begin')) return NOTHING_REUSABLE;
	const { stages } = methodOf(next.pairs.method);
	const samplingSame = stages.includes('outputs') && same(next, recipe, 'prompts', 'sampling');
	const outputs = samplingSame ? steps.output.outputs : [];
	const revisions =
		samplingSame && stages.includes('revisions') && same(next, recipe, 'reviser')
			? steps.revision.rows.filter((row) => row.attempts > 0)
			: [];
	if (!same(next, recipe, 'evaluation', 'prompts'))
		return named({ outputs, revisions, heldOut: [], sideEffects: NO_RESULTS });
	const { results, sideEffects } = steps.evaluation;
	return named({
		outputs,
		revisions,
		heldOut: results.filter(isOfBase),
		sideEffects: {
			untouched: sideEffects.untouched.filter(isOfBase),
			panel: sideEffects.panel.filter(isOfBase),
		},
	});
}

/** Imported prompts and pairs are not part of the recipe: equal recipes can have different data, so rows are matched by prompt. */
export function reusableFor(
	{ outputs, revisions, heldOut, sideEffects }: Reusable,
	prompts: readonly Prompt[],
	heldOutPrompts: readonly Prompt[],
): Reusable {
	const wanted = new Set(prompts.map(({ id }) => id));
	return named({
		outputs: outputs.filter(({ prompt }) => wanted.has(prompt.id)),
		revisions: revisions.filter(({ output }) => wanted.has(output.prompt.id)),
		heldOut: heldOut.filter((result) => isOf(result, heldOutPrompts)),
		sideEffects,
	});
}

function isOfBase({ step }: { step: number }): boolean {
	return step === 0;
}

/** True if the result answers, or leaves out, exactly these prompts. */
function isOf({ answers, leftOut = [] }: HeldOutResult, prompts: readonly Prompt[]): boolean {
	const without = new Set(leftOut.map(({ id }) => id));
	const expected = prompts.filter(({ id }) => !without.has(id)).map(({ id }) => id);
	return (
		answers.length + leftOut.length === prompts.length &&
		answers.map(({ prompt }) => prompt.id).join() === expected.join()
	);
}

function named(rows: Omit<Reusable, 'reused'>): Reusable {
	const { outputs, revisions, heldOut } = rows;
	const reused: Reused[] = [];
	if (outputs.length > 0) reused.push('outputs');
	if (revisions.length > 0) reused.push('revisions');
	if (heldOut.length > 0) reused.push('held-out before');
	return { reused, ...rows };
}
