/** Revision: a stronger model's minimal edit of an output (CLAIR), what came back raw, and what was decided about it. */
import * as v from 'valibot';
import { errorFactsSchema } from '../errors.ts';
import { count, measured } from '../format/schema.ts';
import { outputSchema } from '../output/output.ts';

const replyRule = v.picklist([
	'brace-marker-colon',
	'brace-marker',
	'bold-heading',
	'plain-heading',
	/** A person wrote the revision. */
	'by-hand',
]);
/** Which rule of the reply parser fired, recorded with every revision. */
export type ReplyRule = v.InferOutput<typeof replyRule>;

const rejectionReason = v.picklist([
	'empty',
	'identical',
	'refusal',
	'mentions-revision',
	'no-marker',
	'too-far',
]);
/** Why a reply was rejected. The raw reply is kept, and the reviser can be asked again. */
export type RejectionReason = v.InferOutput<typeof rejectionReason>;

export type ParsedReply =
	| { ok: true; revised: string; reasoning: string; rule: ReplyRule }
	| { ok: false; reason: RejectionReason; detail: string };

/** Contrast measures between an original and its revision; lower change = more minimal. */
const contrastMeasures = v.object({
	/** |common tokens| / |all tokens|, words as tokens, in [0, 1]. */
	jaccard: measured,
	/** Levenshtein distance in characters. */
	levenshtein: measured,
	/** The same over the longer text's length, in [0, 1]. */
	levenshteinRelative: measured,
	/** Revised length over original length, in characters. */
	lengthRatio: measured,
	/** Characters in common at the start. */
	commonPrefix: measured,
});
export type ContrastMeasures = v.InferOutput<typeof contrastMeasures>;

/** One piece of a word diff, including its whitespace. */
export interface DiffPiece {
	kind: 'same' | 'removed' | 'added';
	text: string;
}

const revisionState = v.picklist([
	'waiting',
	'asking',
	/** Came back and differs; nobody has looked at it. Undecided revisions are used unless set aside. */
	'revised',
	'accepted',
	'edited',
	/** A person refused it. */
	'set-aside',
	/** The reply was not usable: see `reason`. `identical` means there was nothing to correct. */
	'rejected',
	/** The request failed: see `error`. Can be tried again. */
	'failed',
]);
export type RevisionState = v.InferOutput<typeof revisionState>;

export const revisionSchema = v.object({
	/** See {@link revisionId}. */
	id: v.string(),
	output: outputSchema,
	state: revisionState,
	revised: v.nullable(v.string()),
	reasoning: v.nullable(v.string()),
	rule: v.nullable(replyRule),
	reason: v.nullable(rejectionReason),
	measures: v.nullable(contrastMeasures),
	/** The reply as it came; null before it came. */
	rawReply: v.nullable(v.string()),
	/** Model id that answered, and how often it was asked. */
	reviser: v.string(),
	attempts: count,
	error: v.nullable(errorFactsSchema),
});
export type Revision = v.InferOutput<typeof revisionSchema>;

/** The id of an output's revision: `w-6720ea9e.o1.r1`. Asking the reviser again replaces the revision and keeps the id. */
export function revisionId(outputId: string): string {
	return `${outputId}.r1`;
}
