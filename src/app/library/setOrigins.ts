/** Pairs of runs and of other data methods on their way to a kept set, and the origins of sets in words. */
import type { StageRows } from '#core/pair/methods/method.ts';
import { findMethod } from '#core/pair/methods/registry.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { pairsOfRun } from '#core/pair/set/fromRun.ts';
import { dataRecipe, type SetOrigin } from '#core/pair/set/keptSet.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Run } from '../run/run.svelte.ts';
import { stageRows } from '../steps/steps.ts';
import type { NewSet } from './newSet.ts';

/** Some pairs of the run. */
export function setOfRun(run: Run, pairs: readonly PreferencePair[]): NewSet {
	return setOfRows(run, { recipe: run.recipe, rows: stageRows(run.steps), pairs });
}

/** The pairs that a data method made from the run's prompts. */
export function setOfRows(
	{ id, name }: Pick<Run, 'id' | 'name'>,
	made: { recipe: Recipe; rows: StageRows; pairs: readonly PreferencePair[] },
): NewSet {
	const origin: SetOrigin = {
		...{ kind: 'run', name },
		...(id === null ? {} : { run: id }),
		recipe: dataRecipe(made.recipe),
	};
	return { origins: [origin], pairs: pairsOfRun(made.pairs, made.rows) };
}

/** “CLAIR, anchor-1m, seed 1, from the run “Monday””; “from the file “mine.jsonl””. */
export function originText({ kind, name, recipe }: SetOrigin): string {
	if (kind === 'file') return `from the file “${name}”`;
	if (recipe === undefined) return `from the run “${name}”`;
	const { method, set } = recipe.pairs;
	const how = set === undefined ? (findMethod(method)?.title ?? method) : `the set “${set.name}”`;
	return `${how}, ${recipe.model}, seed ${recipe.prompts.seed}, from the run “${name}”`;
}

/** The first origin, and the number of others. */
export function originsText(origins: readonly SetOrigin[]): string {
	const [first, ...others] = origins;
	if (first === undefined) return 'of unknown origin';
	return others.length === 0 ? originText(first) : `${originText(first)}, and ${others.length} more`;
}
