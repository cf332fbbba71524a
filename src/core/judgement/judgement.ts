/**
 * Judgement: a judge compares two answers to one prompt and is asked twice, with their positions swapped. The row keeps
 * both replies. Two replies that do not agree are a tie.
 */
import * as v from 'valibot';
import { errorFactsSchema } from '../errors.ts';
import { count, listOf } from '../format/schema.ts';
import { promptSchema } from '../prompt/prompt.ts';

const verdictRule = v.picklist([
	/** `[[A]]`, as requested, and `[A]`, `[[A>B]]`, `\boxed{A}`. */
	'brackets',
	'json',
	/** The last line is the verdict and nothing else. */
	'alone',
	/** `Verdict: A`, `The winner is assistant B`. */
	'label',
	/** `Answer A is clearly better`. */
	'sentence',
]);
/** Rule of the parser that found the verdict. */
export type VerdictRule = v.InferOutput<typeof verdictRule>;

const unreadReason = v.picklist([
	'empty',
	/** The judge declines. */
	'refusal',
	'no-verdict',
	/** The reply ended at the limit of tokens, before a verdict. */
	'cut-off',
	/** The endpoint's filter ended the reply. */
	'filtered',
]);
/** Why a reply has no verdict. */
export type UnreadReason = v.InferOutput<typeof unreadReason>;

/** `first` and `second` are the row's answers, in whichever position the judge saw them. */
const verdict = v.picklist(['first', 'second', 'tie']);
export type Verdict = v.InferOutput<typeof verdict>;

const scores = v.object({ first: v.number(), second: v.number() });
export type JudgeScores = v.InferOutput<typeof scores>;

const askedSchema = v.object({
	/** True if the second answer was shown first. */
	swapped: v.boolean(),
	rawReply: v.string(),
	/** Null if the reply has none; see `unread`. */
	verdict: v.nullable(verdict),
	rule: v.nullable(verdictRule),
	unread: v.nullable(unreadReason),
	/** Scores that the judge gave to both answers, on its own scale. */
	scores: v.exactOptional(scores),
});
/** One of the two replies, as it was read. */
export type Asked = v.InferOutput<typeof askedSchema>;

const tieReason = v.picklist([
	/** Both answers are the same text; the judge is not asked. */
	'equal',
	/** The judge picked the same position twice, so that the picks contradict each other. */
	'position',
	/** Both replies call it a tie. */
	'both-tie',
	/** One reply picks an answer, the other calls it a tie. */
	'one-tie',
]);
export type TieReason = v.InferOutput<typeof tieReason>;

const comparedAnswer = v.object({
	/** `output`: of the target model. `answer`: of another model. */
	kind: v.picklist(['output', 'answer']),
	id: v.string(),
	text: v.string(),
	/** Id of the model that wrote it. */
	model: v.string(),
});
export type ComparedAnswer = v.InferOutput<typeof comparedAnswer>;

const judgementState = v.picklist([
	'waiting',
	'asking',
	'judged',
	/** A reply has no readable verdict: see `asked`. It can be asked again. */
	'unread',
	/** The request failed: see `error`. It can be asked again. */
	'failed',
]);
export type JudgementState = v.InferOutput<typeof judgementState>;

export const judgementSchema = v.object({
	/** See {@link judgementId}. */
	id: v.string(),
	prompt: promptSchema,
	first: comparedAnswer,
	second: comparedAnswer,
	state: judgementState,
	/** Null until the row is judged. */
	verdict: v.nullable(verdict),
	/** Null unless the verdict is a tie. */
	tie: v.nullable(tieReason),
	/** The replies: first with the first answer in front, then swapped. */
	asked: listOf(askedSchema),
	/** Id of the model that answered, and the number of times that the row was asked. */
	judge: v.string(),
	attempts: count,
	error: v.nullable(errorFactsSchema),
	/** Changes that the endpoint made necessary, as sentences. Absent without changes. */
	notes: v.optional(listOf(v.string())),
});
export type Judgement = v.InferOutput<typeof judgementSchema>;

/** The id of a prompt's judgement: `w-6720ea9e.j1`. */
export function judgementId(promptId: string): string {
	return `${promptId}.j1`;
}
