/** The servers that a recipe names, in place of the built-in cast and of models on this machine. */
import { methodOf } from '../pair/methods/registry.ts';
import { ASKED_SECTIONS, asks, type AskedSection } from './asks.ts';
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

const ROLES: Readonly<Record<AskedSection, string>> = {
	reviser: 'the reviser',
	judge: 'the judge',
	stronger: 'the stronger model',
	others: 'another model',
};

function named(
	{ reviser, judge, stronger, others }: Recipe,
	kind: ReviserKind,
	isWanted: (section: AskedSection) => boolean = () => true,
): readonly OwnEndpoint[] {
	const models = { reviser: [reviser], judge: [judge], stronger: [stronger], others: others?.models ?? [] };
	return ASKED_SECTIONS.filter(isWanted).flatMap((section) =>
		models[section].flatMap((asked) => {
			const { endpoint, model = '' } = asked ?? {};
			const isOfKind = endpoint !== undefined && reviserKind({ endpoint }) === kind;
			return isOfKind ? [{ role: ROLES[section], endpoint, model }] : [];
		}),
	);
}

function askedOf(recipe: Recipe, kind: ReviserKind): readonly OwnEndpoint[] {
	const method = methodOf(recipe.pairs.method);
	return named(recipe, kind, (section) => asks(method, section));
}
