/**
 * A kept set: named pairs with their origins, stored beside the runs. Measures of the pairs are not stored, because they follow
 * from the texts.
 */
import * as v from 'valibot';
import { count, listOf } from '../../format/schema.ts';
import { withoutSecrets } from '../../recipe/link.ts';
import { type Recipe, storedRecipeSchema } from '../../recipe/recipe.ts';
import { pairSchema } from '../pair.ts';

/** The form of a set that this version writes. */
export const SET_SCHEMA = 1;

/** The recipe's sections that say how pairs are made. */
const SECTIONS = [
	'model',
	'begin',
	'prompts',
	'sampling',
	'reviser',
	'judge',
	'stronger',
	'others',
	'pairs',
] as const;

const dataRecipeSchema = v.pick(storedRecipeSchema, SECTIONS);
/** Model, prompts, sampling, method and cast with their settings and seeds: all that made the pairs. */
export type DataRecipe = v.InferOutput<typeof dataRecipeSchema>;

/** @returns the recipe's data sections without anything that may be a key */
export function dataRecipe(recipe: Recipe): DataRecipe {
	const { model, begin, prompts, sampling, reviser, judge, stronger, others, pairs } = withoutSecrets(recipe);
	return {
		model,
		...(begin === undefined ? {} : { begin }),
		...{ prompts, sampling, reviser },
		...(judge === undefined ? {} : { judge }),
		...(stronger === undefined ? {} : { stronger }),
		...(others === undefined ? {} : { others }),
		pairs,
	};
}

export const setOriginSchema = v.object({
	/** `run`: pairs that a run made, or another data method from a run's prompts. */
	kind: v.picklist(['run', 'file']),
	/** Name of the run or file. */
	name: v.string(),
	/** Id of the run. */
	run: v.exactOptional(v.string()),
	/** Absent for files. */
	recipe: v.exactOptional(dataRecipeSchema),
});
export type SetOrigin = v.InferOutput<typeof setOriginSchema>;

export const setPairSchema = v.object({
	...pairSchema.entries,
	/** Ids of the models that wrote the sides; null if unknown. */
	by: v.exactOptional(v.object({ chosen: v.nullable(v.string()), rejected: v.nullable(v.string()) })),
	/** Index of the pair's origin in the set's list. */
	origin: v.exactOptional(count),
	/** Both texts before the first edit by hand; absent without an edit. */
	before: v.exactOptional(v.object({ chosen: v.string(), rejected: v.string() })),
});
/**
 * A pair of a set. Unlike in a run, `open` marks each side that was cut at the limit of tokens; the recipe that uses the set decides
 * if the end of such a side stays open.
 */
export type SetPair = v.InferOutput<typeof setPairSchema>;

export const keptSetSchema = v.object({
	schema: v.literal(SET_SCHEMA),
	id: v.pipe(v.string(), v.minLength(1)),
	name: v.pipe(v.string(), v.minLength(1)),
	createdAt: v.pipe(v.string(), v.isoTimestamp()),
	/** See content.ts. */
	sha256: v.string(),
	origins: listOf(setOriginSchema),
	pairs: listOf(setPairSchema),
});
export type KeptSet = v.InferOutput<typeof keptSetSchema>;

/** A row of the shelf, so that listing sets reads no pairs. */
export const setSummarySchema = v.object({
	...v.omit(keptSetSchema, ['schema', 'pairs']).entries,
	/** Number of pairs. */
	pairs: count,
	/** Approximate size in the store. */
	bytes: count,
});
export type SetSummary = v.InferOutput<typeof setSummarySchema>;

/** A stored set that cannot be read. */
export interface DamagedSet {
	id: string;
	/** Its name, or its id if the name is lost. */
	name: string;
	/** A sentence that names the place of the fault. */
	reason: string;
	bytes: number;
}

export function summaryOfSet(
	{ pairs, id, name, createdAt, sha256, origins }: KeptSet,
	bytes: number,
): SetSummary {
	return { id, name, createdAt, sha256, origins, pairs: pairs.length, bytes };
}
