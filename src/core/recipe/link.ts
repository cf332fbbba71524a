/**
 * A recipe as a link: compressed in the fragment of the page's address, which browsers never send to a
 * server. Settings only: no prompts, no pairs, and of an endpoint's address only scheme, host and path.
 */
import { asAppError, FormatError } from '../errors.ts';
import { fromBase64Url, toBase64Url } from '../format/base64.ts';
import { compress, decompress } from '../format/compress.ts';
import { decodeUtf8 } from '../format/decode.ts';
import { publicAddress } from './endpoint.ts';
import { DEFAULT_RECIPE, readRecipe, type Recipe } from './recipe.ts';

/** The fragment is `#recipe=` and the packed recipe. */
const PREFIX = '#recipe=';
/** Longest fragment that is read; a recipe takes about 700 characters. */
export const LINK_LIMITS = { characters: 8192, bytes: 64 * 1024 } as const;
const SOURCE = 'The recipe in this link';
const ASK_AGAIN = 'Ask for the link again, or for the recipe as a file. Your own recipe is unchanged.';

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
export async function recipeLink(recipe: Recipe, page: string): Promise<string> {
	const bytes = new TextEncoder().encode(JSON.stringify(withoutSecrets(recipe)));
	const [address = ''] = page.split('#');
	return `${address}${PREFIX}${toBase64Url(await compress(bytes, 'deflate-raw'))}`;
}

/** True if the fragment is `#recipe=…`, readable or not. */
export function isRecipeLink(fragment: string): boolean {
	return fragment.startsWith(PREFIX);
}

/**
 * Reads the fragment of an address.
 *
 * @returns the recipe; null if the fragment is not `#recipe=…`
 * @throws  FormatError `link-too-large` · `link-broken` · `link-newer` · `recipe-invalid`
 */
export async function readRecipeLink(fragment: string): Promise<Recipe | null> {
	if (!isRecipeLink(fragment)) return null;
	if (fragment.length > LINK_LIMITS.characters) throw tooLarge(`${fragment.length} characters long`);
	const json = await unpack(packedIn(fragment.slice(PREFIX.length)));
	expectKnownForm(json);
	try {
		return readRecipe(json);
	} catch (cause) {
		const { message, code, context } = asAppError(cause);
		throw new FormatError(`The link was not used. ${message}`, { code, context, hint: ASK_AGAIN, cause });
	}
}

/** Escapes of an address that programs write into links: those of printable signs and of spaces. */
const unescaped = (text: string): string =>
	text.replace(/%([0-7][\da-f])/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/**
 * The packed recipe, without what programs add to links on their way: escapes, line breaks, invisible characters, parameters
 * (`&utm_source=…`, `?fbclid=…`), a highlight (`:~:text=…`) and the end of a sentence (`.`, `)`).
 */
function packedIn(text: string): string {
	const whole = unescaped(text).replace(/=\r?\n|[\s\p{Cf}]/gu, '');
	const [first = ''] = whole.split(/[&?]|:~:/);
	const packed = /^[\w=-]*/.exec(first)?.[0] ?? '';
	return /^[.,;:!)\]}>"'’”…*]*$/.test(first.slice(packed.length)) ? packed : first;
}

async function unpack(text: string): Promise<unknown> {
	try {
		const packed = fromBase64Url(text, SOURCE);
		const bytes = await decompress(packed, 'deflate-raw', { limit: LINK_LIMITS.bytes, source: SOURCE });
		return JSON.parse(decodeUtf8(bytes, SOURCE));
	} catch (cause) {
		if (asAppError(cause).code === 'compressed-too-large') throw tooLarge('far more than a recipe');
		throw new FormatError(`${SOURCE} is damaged: part of it is missing or was changed on the way.`, {
			code: 'link-broken',
			hint: ASK_AGAIN,
			cause,
		});
	}
}

function tooLarge(what: string): FormatError {
	return new FormatError(`${SOURCE} is ${what}; a recipe is a few settings.`, {
		code: 'link-too-large',
		hint: ASK_AGAIN,
	});
}

function expectKnownForm(json: unknown): void {
	const form = typeof json === 'object' && json !== null && 'schema' in json ? json.schema : undefined;
	if (typeof form !== 'number' || form <= DEFAULT_RECIPE.schema) return;
	throw new FormatError(
		`${SOURCE} was written by a newer version: it has form ${form}, and this page reads form ${DEFAULT_RECIPE.schema}.`,
		{
			code: 'link-newer',
			hint: 'Open the link on the page that made it, or update this page. Your own recipe is unchanged.',
		},
	);
}
