/**
 * Head to head: base and tuned model answer the same held-out prompts, and a judge or a person says which answer is better. It
 * needs no rubric, so it is the result of a run on one's own prompts.
 */
import * as v from 'valibot';
import { rowFaultSchema } from '../batch/rowFaults.ts';
import { count, listOf } from '../format/schema.ts';
import { judgementSchema } from '../judgement/judgement.ts';
import { idSchema } from '../prompt/prompt.ts';
import { endpointSchema } from '../recipe/askedSections.ts';
import type { AnswerPair } from './compare.ts';
import type { Estimate } from './evaluation.ts';
import { type BootstrapOptions, meanEstimate } from './intervals.ts';
import { meanLength } from './panel.ts';

/** One decision. */
const verdictSchema = v.object({
	promptId: idSchema,
	winner: v.picklist(['base', 'tuned', 'tie']),
});
export type Verdict = v.InferOutput<typeof verdictSchema>;
export type Winner = Verdict['winner'];

/** The judge of a vote that a person makes without knowing which model wrote which answer. */
export const PERSON = 'person';

/** How a judge was asked: all that its replies depend on besides the answers. */
const askedSchema = v.object({
	endpoint: endpointSchema,
	/** Of the embedded judge with its length bias and noise, see core/cast/castName.ts. */
	model: v.string(),
	temperature: v.number(),
	maxTokens: count,
	seed: count,
});

/** All decisions of one judge about one state of the model, as a run stores them. */
export const headToHeadSchema = v.object({
	/** `person`, or the judge's model name. */
	judge: v.string(),
	/** Absent for a person. */
	asked: v.exactOptional(askedSchema),
	mode: v.picklist(['greedy', 'sampled']),
	/** Step of the tuned side. */
	step: count,
	/** In the order of the decisions. */
	verdicts: listOf(verdictSchema),
	/** Prompts that the judge gave no verdict on, each with its reason; absent if there are none. */
	leftOut: v.exactOptional(listOf(rowFaultSchema)),
	/** The judge's replies, so that it is not asked twice about the same answers; absent for a person. */
	judgements: v.exactOptional(listOf(judgementSchema)),
});
export type HeadToHead = v.InferOutput<typeof headToHeadSchema>;

export interface WinRate {
	/** The tuned model's share of wins, a tie counting half, with its bootstrap interval over prompts; n is 0 without verdicts. */
	rate: Estimate;
	wins: number;
	losses: number;
	/** Decided as ties, and answers that are the same text. */
	ties: number;
	/** Of these ties, the answers that are the same text and were shown to nobody. */
	identical: number;
	/** Mean length of both sides in words, over the prompts that count. */
	words: { base: number; tuned: number };
}

/** Share of a win that a verdict gives to the tuned side. */
const SHARE: Readonly<Record<Winner, number>> = { tuned: 1, tie: 0.5, base: 0 };

/** True if both models wrote the same text; spaces at the ends do not count. */
export const isSameText = ({ before, after }: AnswerPair): boolean =>
	before.text.trim() === after.text.trim();

/**
 * Counts the verdicts on some pairs of answers. Answers of the same text are ties; other pairs without a verdict do not count,
 * nor do verdicts on prompts that are not among the pairs.
 *
 * @param pairs base as `before`, tuned as `after`
 */
export function winRate(
	pairs: readonly AnswerPair[],
	verdicts: readonly Verdict[],
	options: BootstrapOptions = {},
): WinRate {
	const winners = new Map(verdicts.map(({ promptId, winner }) => [promptId, winner]));
	const rows = pairs.flatMap((pair) => {
		const winner = isSameText(pair) ? 'tie' : winners.get(pair.prompt.id);
		return winner === undefined ? [] : [{ pair, winner }];
	});
	const shares = rows.map(({ winner }) => SHARE[winner]);
	const won = (by: Winner): number => rows.filter(({ winner }) => winner === by).length;
	return {
		rate: shares.length === 0 ? { score: 0, low: 0, high: 0, n: 0 } : meanEstimate(shares, options),
		wins: won('tuned'),
		losses: won('base'),
		ties: won('tie'),
		identical: rows.filter(({ pair }) => isSameText(pair)).length,
		words: {
			base: meanLength(rows.map(({ pair }) => pair.before.text)),
			tuned: meanLength(rows.map(({ pair }) => pair.after.text)),
		},
	};
}
