/**
 * Revision: a stronger model's minimal edit of an output (CLAIR), with the raw reply and the user's decision.
 */
import * as v from 'valibot';
import { errorFactsSchema } from '../errors.ts';
import { count, listOf, measured } from '../format/schema.ts';
import { outputSchema } from '../output/output.ts';

const replyRule = v.picklist([
	'brace-marker-colon',
	'brace-marker',
	'bold-heading',
	'plain-heading',
	/** A pair of tags, or a key of JSON. */
	'tag',
	'json',
	/** The requested marker in the middle of a line. */
	'inline-marker',
	/** A marker with other words for the solution; other labels count only above a text like the original. */
	'near-marker',
	'other-marker',
	/** A person wrote the revision. */
	'by-hand',
]);
/** Rule of the reply parser that matched, stored with every revision. */
export type ReplyRule = v.InferOutput<typeof replyRule>;

const rejectionReason = v.picklist([
	'empty',
	/** The text is the original. */
	'identical',
	/** The text differs from the original only in spaces and typographic signs. */
	'spacing',
	/** The reviser says that nothing needs to change. */
	'unchanged',
	'refusal',
	'mentions-revision',
	'no-marker',
	/** The reply gives several versions. */
	'several',
	'too-long',
	'too-far',
	/** The reply ended at the limit of tokens. */
	'cut-off',
	/** The endpoint's filter ended the reply. */
	'filtered',
	/** The text has characters that no file can keep: NUL or half of a surrogate pair. */
	'characters',
]);
/** Why a reply is unusable. The raw reply is kept, and the reviser can be asked again. */
export type RejectionReason = v.InferOutput<typeof rejectionReason>;

const trim = v.picklist([
	'token',
	'remark',
	'preamble',
	'fence',
	'block-quote',
	'tag',
	'emphasis',
	'quotes',
	'brackets',
	'copy',
	/** Entities of HTML. */
	'escape',
]);
/** A part of a reply around the revised text that was removed, because the original has no such part. */
export type Trim = v.InferOutput<typeof trim>;

/** A text found in a reply. */
export interface OfferedText {
	revised: string;
	reasoning: string;
	rule: ReplyRule;
	/** Removed parts; absent if there are none. */
	trimmed?: readonly Trim[];
}

/** `offered` is the text that a person may use against the rejection; null if there is none. */
export type ParsedReply =
	| ({ ok: true } & OfferedText)
	| { ok: false; reason: RejectionReason; detail: string; offered: OfferedText | null };

/** Contrast between an original and its revision; less change is more minimal. */
const contrastMeasures = v.object({
	/** |common tokens| / |all tokens|, words as tokens, in [0, 1]. */
	jaccard: measured,
	/** Levenshtein distance in characters. */
	levenshtein: measured,
	/** `levenshtein` over the longer text's length, in [0, 1]. */
	levenshteinRelative: measured,
	/** Revised length over original length, in characters. */
	lengthRatio: measured,
	/** Length of the common prefix, in characters. */
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
	/** The reviser changed the output; no person has decided yet. Undecided revisions are used. */
	'revised',
	'accepted',
	'edited',
	/** A person refused the revision. */
	'set-aside',
	/** The reply was unusable: see `reason`. `identical` means the reviser found nothing to correct. */
	'rejected',
	/** The request failed: see `error`. It can be retried. */
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
	/** One sentence with the evidence for `reason`; absent in runs saved by older versions. */
	detail: v.optional(v.nullable(v.string())),
	/** Parts around the revised text that were removed. */
	trimmed: v.optional(v.array(trim)),
	/** Reason of the rejection that a person overruled. */
	overruled: v.optional(rejectionReason),
	measures: v.nullable(contrastMeasures),
	/** The raw reply; null until it arrives. */
	rawReply: v.nullable(v.string()),
	/** The endpoint's own word for the end of a reply that did not end by itself; absent otherwise. */
	ending: v.optional(v.string()),
	/** Changes that the endpoint made necessary, as sentences: settings that it refuses. Absent without changes. */
	notes: v.optional(listOf(v.string())),
	/** Id of the model that answered, and the number of requests. */
	reviser: v.string(),
	attempts: count,
	error: v.nullable(errorFactsSchema),
});
export type Revision = v.InferOutput<typeof revisionSchema>;

/** The id of an output's revision: `w-6720ea9e.o1.r1`. Asking the reviser again replaces the revision and keeps the id. */
export function revisionId(outputId: string): string {
	return `${outputId}.r1`;
}
