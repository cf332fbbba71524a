/** The servers that a recipe names, in place of the built-in cast and of models on this machine. */
import { methodOf } from '../pair/methods/registry.ts';
import type { Recipe } from './recipe.ts';
import { reviserKind } from './reviserKind.ts';

export interface OwnEndpoint {
	/** "the reviser", within a sentence. */
	role: string;
	endpoint: string;
	model: string;
}

/** All that the recipe names, also those that its data method does not ask. */
export function ownEndpoints(recipe: Recipe): readonly OwnEndpoint[] {
	const { reviser, judge, stronger, others } = recipe;
	const named = [
		{ role: 'the reviser', asked: reviser },
		{ role: 'the judge', asked: judge },
		{ role: 'the stronger model', asked: stronger },
		...(others?.models ?? []).map((asked) => ({ role: 'another model', asked })),
	];
	return named.flatMap(({ role, asked }) => {
		const { endpoint, model = '' } = asked ?? {};
		return endpoint !== undefined && reviserKind({ endpoint }) === 'endpoint'
			? [{ role, endpoint, model }]
			: [];
	});
}

/** Those that the recipe's data method asks. */
export function askedEndpoints(recipe: Recipe): readonly OwnEndpoint[] {
	const { stages, answersBy } = methodOf(recipe.pairs.method);
	const isAsked: Readonly<Record<string, boolean>> = {
		'the reviser': stages.includes('revisions'),
		'the judge': stages.includes('judgements'),
		'the stronger model': answersBy === 'stronger',
		'another model': answersBy === 'others',
	};
	return ownEndpoints(recipe).filter(({ role }) => isAsked[role]);
}
