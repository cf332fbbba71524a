/** Revision: a stronger model's minimal edit of an output (CLAIR), what came back raw, and what was decided about it. */
import type { WireError } from '../errors.ts';
import type { Output } from '../output/output.ts';

/** Which rule of the reply parser fired, recorded with every revision. */
export type ReplyRule =
	| 'brace-marker-colon'
	| 'brace-marker'
	| 'bold-heading'
	| 'plain-heading'
	/** A person wrote the revision. */
	| 'by-hand';

/** Why a reply was not taken. The raw reply is kept and can be asked again. */
export type RejectionReason =
	'empty' | 'identical' | 'refusal' | 'mentions-revision' | 'no-marker' | 'too-far';

export type ParsedReply =
	| { ok: true; revised: string; reasoning: string; rule: ReplyRule }
	| { ok: false; reason: RejectionReason; detail: string };

/** Contrast measures between an original and its revision; lower change = more minimal. */
export interface ContrastMeasures {
	/** |common tokens| / |all tokens|, words as tokens, in [0, 1]. */
	jaccard: number;
	/** Levenshtein distance in characters. */
	levenshtein: number;
	/** The same over the longer text's length, in [0, 1]. */
	levenshteinRelative: number;
	/** Revised length over original length, in characters. */
	lengthRatio: number;
	/** Characters in common at the start. */
	commonPrefix: number;
}

/** One piece of a word diff. Whitespace belongs to the piece. */
export interface DiffPiece {
	kind: 'same' | 'removed' | 'added';
	text: string;
}

export type RevisionState =
	| 'waiting'
	| 'asking'
	/** Came back and differs; nobody has looked at it. Undecided revisions are used unless set aside. */
	| 'revised'
	| 'accepted'
	| 'edited'
	/** A person refused it. */
	| 'set-aside'
	/** The reply was not usable: see `reason`. `identical` means there was nothing to correct. */
	| 'rejected'
	/** The request failed: see `error`. Can be tried again. */
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
	/** The reply as it came; null before it came. */
	rawReply: string | null;
	/** Model id that answered, and how often it was asked. */
	reviser: string;
	attempts: number;
	error: WireError | null;
}
