/** Side effects of training on unrelated prompts: changed answers, their length, and how likely the base model finds them. */
import * as v from 'valibot';
import { rowFaultSchema } from '../batch/rowFaults.ts';
import { count, listOf, measured } from '../format/schema.ts';
import { promptSchema } from '../prompt/prompt.ts';
import { heldOutEngine } from './evaluation.ts';
import { mean } from './intervals.ts';

/** A text under the base model: the sum of its tokens' log-probabilities given the prompt, nats; their number. */
const baseLogp = v.object({ logp: measured, tokens: count });

/** The greedy answers of one model state to the panel, as a run stores them. */
export const panelResultSchema = v.object({
	/** 0 is the base model. */
	step: count,
	answers: listOf(v.object({ prompt: promptSchema, text: v.string() })),
	/** Prompts without an answer, each with its reason; absent if there are none. */
	leftOut: v.exactOptional(listOf(rowFaultSchema)),
	/** The engine that answered. */
	engine: heldOutEngine,
	/**
	 * Both answers to a prompt under the base model, as far as it can read them. Absent at step 0, and until it is
	 * measured. The token that ends an answer counts, as in training.
	 */
	fluency: v.exactOptional(listOf(v.object({ promptId: v.string(), base: baseLogp, tuned: baseLogp }))),
});
export type PanelResult = v.InferOutput<typeof panelResultSchema>;

/** One answer with its log-probability under the base model. */
export interface PanelAnswer {
	text: string;
	/** Sum of the log-probabilities of the answer's tokens under the base model, given the prompt. */
	logp: number;
	/** 0 if the log-probabilities are unknown. */
	tokens: number;
}

/** The greedy answers to one prompt of the panel. */
export interface PanelRow {
	prompt: string;
	base: PanelAnswer;
	tuned: PanelAnswer;
}

export interface PanelFigures {
	/** Prompts with both answers. */
	n: number;
	/** Share of the answers that changed, in [0, 1]; spaces at the ends do not count. */
	changed: number;
	/** Mean length of the answers in words. */
	words: { base: number; tuned: number };
	/**
	 * Mean length of the tuned answers over that of the base answers; null if no base answer has a word. The mean of the
	 * answers' own ratios would rest on the shortest answers: one word that becomes thirty outweighs all the others.
	 */
	lengthRatio: number | null;
	/** Log-probability per token under the base model; null without tokens. A clear fall means odd text. */
	fluency: { base: number | null; tuned: number | null };
}

/** Joins the answers of both states; a prompt without one of them is left out. */
export function panelRows(base: PanelResult, tuned: PanelResult): readonly PanelRow[] {
	const later = new Map(tuned.answers.map(({ prompt, text }) => [prompt.id, text]));
	const fluency = new Map(tuned.fluency?.map((one) => [one.promptId, one]));
	return base.answers.flatMap(({ prompt, text }) => {
		const after = later.get(prompt.id);
		if (after === undefined) return [];
		const known = fluency.get(prompt.id);
		return [
			{
				prompt: prompt.text,
				base: { text, ...(known?.base ?? UNKNOWN) },
				tuned: { text: after, ...(known?.tuned ?? UNKNOWN) },
			},
		];
	});
}

const UNKNOWN = { logp: 0, tokens: 0 };

/** All figures are 0 or null if there are no rows. */
export function panelFigures(rows: readonly PanelRow[]): PanelFigures {
	const share = (test: (row: PanelRow) => boolean): number =>
		rows.length === 0 ? 0 : rows.filter(test).length / rows.length;
	const words = {
		base: meanLength(rows.map(({ base }) => base.text)),
		tuned: meanLength(rows.map(({ tuned }) => tuned.text)),
	};
	return {
		n: rows.length,
		changed: share(({ base, tuned }) => base.text.trim() !== tuned.text.trim()),
		words,
		lengthRatio: words.base === 0 ? null : words.tuned / words.base,
		fluency: {
			base: logpPerToken(rows.map(({ base }) => base)),
			tuned: logpPerToken(rows.map(({ tuned }) => tuned)),
		},
	};
}

function logpPerToken(answers: readonly PanelAnswer[]): number | null {
	const tokens = answers.reduce((sum, answer) => sum + answer.tokens, 0);
	return tokens === 0 ? null : answers.reduce((sum, answer) => sum + answer.logp, 0) / tokens;
}

/** Words between spaces. */
export function wordCount(text: string): number {
	return text.split(/\s+/).filter((word) => word !== '').length;
}

/** Mean length in words; 0 without texts. */
export function meanLength(texts: readonly string[]): number {
	return texts.length === 0 ? 0 : mean(texts.map(wordCount));
}
