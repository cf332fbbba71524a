/**
 * A recipe as a link: compressed in the fragment of the page's address, which browsers never send to a
 * server. Settings only: no prompts, no pairs, and of an endpoint's address only scheme, host and path.
 */
import { asAppError, FormatError } from '../errors.ts';
import { expectKnownForm, packedLink, readPackedLink, type LinkKind } from '../format/packedLink.ts';
import { publicAddress } from './endpoint.ts';
import { DEFAULT_RECIPE, readRecipe, type Recipe } from './recipe.ts';

/** A recipe takes about 700 characters. */
export const LINK_LIMITS = { characters: 8192, bytes: 64 * 1024, depth: 16, values: 10_000 } as const;
const ASK_AGAIN = 'Ask for the link again, or for the recipe as a file. Your own recipe is unchanged.';
const KIND: LinkKind = {
	prefix: '#recipe=',
	limits: LINK_LIMITS,
	source: 'The recipe in this link',
	usual: 'a recipe is a few settings',
	hint: ASK_AGAIN,
};

/** Removes secrets from the endpoint's address: older versions saved the address as typed. */
export function withoutSecrets(recipe: Recipe): Recipe {
	return withEndpoints(recipe, (asked) => ({ ...asked, endpoint: publicAddress(asked.endpoint) }));
}

/** The endpoints of a recipe changed: that of the reviser, and those of the models that only some data methods ask. */
function withEndpoints(
	recipe: Recipe,
	change: <Asked extends { endpoint: string; model?: string }>(asked: Asked) => Asked,
): Recipe {
	const { reviser, judge, stronger, others } = recipe;
	const changed = <Asked extends { endpoint?: string; model?: string }>(asked: Asked): Asked =>
		asked.endpoint === undefined ? asked : change({ ...asked, endpoint: asked.endpoint });
	return {
		...recipe,
		reviser: changed(reviser),
		...(judge === undefined ? {} : { judge: changed(judge) }),
		...(stronger === undefined ? {} : { stronger: changed(stronger) }),
		...(others?.models === undefined ? {} : { others: { ...others, models: others.models.map(changed) } }),
	};
}

/** Replaces the user's endpoints with the built-in cast. */
export function withoutEndpoint(recipe: Recipe): Recipe {
	const { endpoint, model } = DEFAULT_RECIPE.reviser;
	const { judge, stronger, others, ...rest } = recipe;
	return {
		...rest,
		reviser: { ...recipe.reviser, endpoint, model },
		...(judge === undefined ? {} : { judge: withoutServer(judge) }),
		...(stronger === undefined ? {} : { stronger: withoutServer(stronger) }),
		...(others === undefined ? {} : { others: withoutModels(others) }),
	};
}

function withoutServer<Asked extends { endpoint?: string; model?: string }>(asked: Asked): Asked {
	const copy = { ...asked };
	delete copy.endpoint;
	delete copy.model;
	return copy;
}

function withoutModels(others: NonNullable<Recipe['others']>): NonNullable<Recipe['others']> {
	const copy = { ...others };
	delete copy.models;
	return copy;
}

/** @param page the page's address; its fragment is replaced */
export function recipeLink(recipe: Recipe, page: string): Promise<string> {
	return packedLink(KIND, withoutSecrets(recipe), page);
}

/** True if the fragment is `#recipe=…`, readable or not. */
export function isRecipeLink(fragment: string): boolean {
	return fragment.startsWith(KIND.prefix);
}

/**
 * Reads the fragment of an address.
 *
 * @returns the recipe; null if the fragment is not `#recipe=…`
 * @throws  FormatError `link-too-large` · `link-broken` · `link-newer` · `recipe-invalid`
 */
export async function readRecipeLink(fragment: string): Promise<Recipe | null> {
	if (!isRecipeLink(fragment)) return null;
	const json = await readPackedLink(KIND, fragment);
	expectKnownForm(KIND, json, DEFAULT_RECIPE.schema);
	try {
		return readRecipe(json);
	} catch (cause) {
		const { message, code, context } = asAppError(cause);
		throw new FormatError(`The link was not used. ${message}`, { code, context, hint: ASK_AGAIN, cause });
	}
}
