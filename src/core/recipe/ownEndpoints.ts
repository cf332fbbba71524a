/** The servers that a recipe names, in place of the built-in cast and of models on this machine. */
import { methodOf } from '../pair/methods/registry.ts';
import type { Recipe } from './recipe.ts';
import { type ReviserKind, reviserKind } from './reviserKind.ts';

export interface OwnEndpoint {
	/** "the reviser", within a sentence. */
	role: string;
	endpoint: string;
	model: string;
}

/** All that the recipe names, also those that its data method does not ask. */
export function ownEndpoints(recipe: Recipe): readonly OwnEndpoint[] {
	return named(recipe, 'endpoint');
}

/** Those that the recipe's data method asks. */
export function askedEndpoints(recipe: Recipe): readonly OwnEndpoint[] {
	return askedOf(recipe, 'endpoint');
}

/** Ids of the second models on this machine that the recipe's data method asks, each once. */
export function askedLocally(recipe: Recipe): readonly string[] {
	return [...new Set(askedOf(recipe, 'local').map(({ model }) => model))];
}

function named({ reviser, judge, stronger, others }: Recipe, kind: ReviserKind): readonly OwnEndpoint[] {
	const models = [
		{ role: 'the reviser', asked: reviser },
		{ role: 'the judge', asked: judge },
		{ role: 'the stronger model', asked: stronger },
		...(others?.models ?? []).map((asked) => ({ role: 'another model', asked })),
	];
	return models.flatMap(({ role, asked }) => {
		const { endpoint, model = '' } = asked ?? {};
		return endpoint !== undefined && reviserKind({ endpoint }) === kind ? [{ role, endpoint, model }] : [];
	});
}

function askedOf(recipe: Recipe, kind: ReviserKind): readonly OwnEndpoint[] {
	const { stages, answersBy } = methodOf(recipe.pairs.method);
	const isAsked: Readonly<Record<string, boolean>> = {
		'the reviser': stages.includes('revisions'),
		'the judge': stages.includes('judgements'),
		'the stronger model': answersBy === 'stronger',
		'another model': answersBy === 'others',
	};
	return named(recipe, kind).filter(({ role }) => isAsked[role]);
}
