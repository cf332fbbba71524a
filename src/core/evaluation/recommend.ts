/**
 * Proposes APO-zero or APO-down from evidence: the scores of the target model's own answers against those of the winning answers to
 * the same prompts. APO-zero suits winning answers that are better than the model's, APO-down winning answers that are worse.
 *
 * @source arXiv 2408.06266, the choice between its two objectives
 */
import { fixed, signed } from '../text/numbers.ts';
import { scoreAnswer } from '../world/registry.ts';
import { pairedDifference, estimateOf } from './compare.ts';
import type { Estimate } from './evaluation.ts';
import type { BootstrapOptions } from './intervals.ts';

/** A prompt with the winning answer of its pair and an own answer of the target model. */
export interface OwnAndWinning {
	readonly prompt: string;
	readonly own: string;
	readonly winning: string;
}

/** Scores in [0, 1]. */
export type RowScores = Record<'own' | 'winning', number>;

/** Scores the two answers of a row; null if it cannot. */
export type ScoreRow = (row: OwnAndWinning) => RowScores | null;

export interface Recommendation {
	/** Null if the interval of the difference covers 0, or if nothing could be scored. */
	proposal: 'apo_zero' | 'apo_down' | null;
	own: Estimate;
	winning: Estimate;
	/** Mean of winning − own over the prompts, with its paired bootstrap interval. */
	difference: Estimate;
	/** Rows that could not be scored. */
	unscored: number;
}

/** Scores by the checks of the prompt's world; null for prompts of no world. */
export const byRubric: ScoreRow = ({ prompt, own, winning }) => {
	const [ownScore, winningScore] = [scoreAnswer(prompt, own), scoreAnswer(prompt, winning)];
	if (ownScore === null || winningScore === null) return null;
	return { own: ownScore.score, winning: winningScore.score };
};

/** The scores of a judge's verdict: 1 for the better answer and 0 for the other, ½ each for a tie. */
export function byVerdict(verdictOf: (row: OwnAndWinning) => 'own' | 'winning' | 'tie' | null): ScoreRow {
	return (row) => {
		const verdict = verdictOf(row);
		if (verdict === null) return null;
		const winning = verdict === 'tie' ? 0.5 : Number(verdict === 'winning');
		return { own: 1 - winning, winning };
	};
}

/** @param rows one per prompt: the interval takes them as independent */
export function recommendObjective(
	rows: readonly OwnAndWinning[],
	scoreRow: ScoreRow = byRubric,
	options: BootstrapOptions = {},
): Recommendation {
	const scores = rows.flatMap((row) => scoreRow(row) ?? []);
	const [own, winning] = [scores.map((score) => score.own), scores.map((score) => score.winning)];
	const difference = pairedDifference(own, winning, options);
	return {
		proposal: proposalOf(difference),
		own: estimateOf(own),
		winning: estimateOf(winning),
		difference,
		unscored: rows.length - scores.length,
	};
}

function proposalOf({ n, low, high }: Estimate): Recommendation['proposal'] {
	if (n === 0 || (low <= 0 && high >= 0)) return null;
	return low > 0 ? 'apo_zero' : 'apo_down';
}

/** The proposal with its evidence, as sentences. */
export function recommendationText({ proposal, own, winning, difference, unscored }: Recommendation): string {
	const { n, score, low, high } = difference;
	if (n === 0)
		return 'Cannot tell APO-zero from APO-down: no prompt has an answer of the model and a winning answer that can be scored.';
	const evidence = `the winning answers score ${fixed(winning.score)}, the model’s own ${fixed(own.score)}`;
	const interval = `${signed(score)} (95% interval ${signed(low)} to ${signed(high)}, ${n} ${n === 1 ? 'prompt' : 'prompts'})`;
	const left = unscored === 0 ? '' : ` ${unscored} more cannot be scored.`;
	if (proposal === null)
		return `Cannot tell APO-zero from APO-down: ${evidence}; the difference ${interval} may be chance.${left}`;
	const [title, word] = proposal === 'apo_zero' ? ['APO-zero', 'better'] : ['APO-down', 'worse'];
	return `The evidence is for ${title}: the winning answers are ${word} than the model’s own. In detail, ${evidence}; the difference is ${interval}.${left}`;
}

/**
 * One row per prompt that has both: the winning answer of its first pair, and the model's first own answer.
 *
 * @param outputs own answers of the target model, in order
 */
export function ownAndWinning(
	pairs: readonly { prompt: { id: string; text: string }; chosen: string }[],
	outputs: readonly { prompt: { id: string }; text: string }[],
): OwnAndWinning[] {
	const ownOf = firstOf(outputs, ({ prompt }) => prompt.id);
	return [...firstOf(pairs, ({ prompt }) => prompt.id)].flatMap(([id, { prompt, chosen }]) => {
		const own = ownOf.get(id);
		return own === undefined ? [] : [{ prompt: prompt.text, own: own.text, winning: chosen }];
	});
}

function firstOf<T>(list: readonly T[], idOf: (item: T) => string): ReadonlyMap<string, T> {
	const first = new Map<string, T>();
	for (const item of list) if (!first.has(idOf(item))) first.set(idOf(item), item);
	return first;
}
