/** Revision: a stronger model's minimal edit of an output (CLAIR), the raw reply and the user's decision. */
import type { WireError } from '../errors.ts';
import type { Output } from '../output/output.ts';

/** Rule of the reply parser that matched, stored with every revision. */
export type ReplyRule =
	| 'brace-marker-colon'
	| 'brace-marker'
	| 'bold-heading'
	| 'plain-heading'
	/** A person wrote the revision. */
	| 'by-hand';

/** Why a reply is unusable. The raw reply is kept, and the reviser can be asked again. */
export type RejectionReason =
	'empty' | 'identical' | 'refusal' | 'mentions-revision' | 'no-marker' | 'too-far';

export type ParsedReply =
	| { ok: true; revised: string; reasoning: string; rule: ReplyRule }
	| { ok: false; reason: RejectionReason; detail: string };

/** Contrast between an original and its revision; less change is more minimal. */
export interface ContrastMeasures {
	/** |common tokens| / |all tokens|, words as tokens, in [0, 1]. */
	jaccard: number;
	/** Levenshtein distance in characters. */
	levenshtein: number;
	/** `levenshtein` over the longer text's length, in [0, 1]. */
	levenshteinRelative: number;
	/** Revised length over original length, in characters. */
	lengthRatio: number;
	/** Length of the common prefix, in characters. */
	commonPrefix: number;
}

/** One piece of a word diff, including its whitespace. */
export interface DiffPiece {
	kind: 'same' | 'removed' | 'added';
	text: string;
}

export type RevisionState =
	| 'waiting'
	| 'asking'
	/** The reviser changed the output; no person has decided yet. Undecided revisions are used. */
	| 'revised'
	| 'accepted'
	| 'edited'
	/** A person refused it. */
	| 'set-aside'
	/** The reply was unusable: see `reason`. `identical` means the reviser found nothing to correct. */
	| 'rejected'
	/** The request failed: see `error`. It can be retried. */
	| 'failed';

export interface Revision {
	/** The prompt's id. */
	id: string;
	output: Output;
	state: RevisionState;
	revised: string | null;
	reasoning: string | null;
	rule: ReplyRule | null;
	reason: RejectionReason | null;
	measures: ContrastMeasures | null;
	/** The raw reply; null until it arrives. */
	rawReply: string | null;
	/** Id of the model that answered, and the number of requests. */
	reviser: string;
	attempts: number;
	error: WireError | null;
}
