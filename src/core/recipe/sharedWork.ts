/**
 * Work that two runs can share: nothing is done twice if the part of the recipe that made it is the same. Rows are also matched by
 * prompt and text when they are taken over, because imported data is not part of a recipe.
 */
import { methodOf } from '../pair/methods/registry.ts';
import {
	askedJudge,
	askedReviser,
	askedOthers,
	askedStronger,
	replyKey,
	type AskedModel,
} from './askedModel.ts';
import type { Recipe } from './recipe.ts';

/** Kinds of work, in the order of a run. */
export const SHARED_WORK = ['outputs', 'answers', 'revisions', 'judgements', 'held-out before'] as const;
export type SharedWork = (typeof SHARED_WORK)[number];

/** Models other than the target that answer the prompts of a recipe, in turn; empty if its data method asks none. */
export function answeringModels(recipe: Recipe): readonly AskedModel[] {
	const { answersBy } = methodOf(recipe.pairs.method);
	if (answersBy === undefined) return [];
	return answersBy === 'stronger' ? [askedStronger(recipe)] : askedOthers(recipe);
}

/** The part of a recipe that decides a kind of work, as a text; null if the recipe does none of it. Equal texts mean equal work. */
export function workKey(recipe: Recipe, kind: SharedWork): string | null {
	const { stages, answersBy, source: data } = methodOf(recipe.pairs.method);
	const { model, prompts, sampling, evaluation } = recipe;
	const begin = recipe.begin?.sha256;
	switch (kind) {
		case 'outputs':
			return stages.includes('outputs') ? JSON.stringify([model, begin, prompts, sampling]) : null;
		case 'answers':
			return answersBy === undefined
				? null
				: JSON.stringify([answersBy, prompts, answeringModels(recipe).map(replyKey)]);
		case 'revisions':
			return stages.includes('revisions') ? replyKey(askedReviser(recipe)) : null;
		case 'judgements':
			return stages.includes('judgements') ? replyKey(askedJudge(recipe)) : null;
		case 'held-out before': {
			// The number and seed of the prompts to learn from do not change the held-out prompts.
			const { source, world, families } = prompts;
			return JSON.stringify([model, begin, evaluation, data, source, world, families]);
		}
	}
}

/** Kinds of work of `before` that `next` can use. */
export function sharedWork(next: Recipe, before: Recipe): ReadonlySet<SharedWork> {
	return new Set(
		SHARED_WORK.filter((kind) => {
			const key = workKey(next, kind);
			return key !== null && key === workKey(before, kind);
		}),
	);
}
