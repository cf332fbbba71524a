/** Tokens with their texts, as the Batch view shows them and as a run keeps them. */
import * as v from 'valibot';
import { count, listOf } from '../format/schema.ts';

const tokenizedSchema = v.object({
	ids: listOf(count),
	/** The text of each id. */
	pieces: listOf(v.string()),
	/** Index of the first completion token. */
	completionStart: count,
	truncated: v.boolean(),
});
export type Tokenized = v.InferOutput<typeof tokenizedSchema>;

/** The tokens of a pair as a run keeps them. */
export const storedTokensSchema = v.object({
	/** Of the pair. */
	id: v.string(),
	chosen: tokenizedSchema,
	rejected: tokenizedSchema,
});
export type StoredTokens = v.InferOutput<typeof storedTokensSchema>;
