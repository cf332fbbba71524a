/** The win rate by a judge as a part of the headless run's output. Pure. */
import type { Estimate } from '#core/evaluation/evaluation.ts';
import type { WinRate } from '#core/evaluation/headToHead.ts';
import type { PositionBias } from '#core/judgement/summary.ts';
import type { AskedModel } from '#core/recipe/askedModel.ts';
import { counted } from '../text/format.ts';

/** The tuned model against the base on the held-out prompts, greedily. */
export interface JudgeReport {
	/** The embedded judge's name holds its length bias and its noise, if they are not the defaults. */
	judge: Pick<AskedModel, 'endpoint' | 'model' | 'temperature' | 'maxTokens' | 'seed'>;
	/** Share of wins, a tie counting half; bootstrap over prompts. */
	winRate: Estimate;
	wins: number;
	losses: number;
	ties: number;
	/** Of the ties: the answers are the same text, or the two verdicts contradict each other. */
	identical: number;
	contradictions: number;
	/** Mean length in words. */
	words: { base: number; tuned: number };
	/** Replies that pick the answer in front, of those that pick one. */
	positionBias: PositionBias;
	/** Decided pairs in which the longer answer is preferred, of those that differ in length. */
	longerPreferred: { longer: number; decided: number };
	/** Prompts without a verdict. */
	leftOut: number;
}

/** The judged state of a run; `JudgedWinRate` is one. */
interface Judged {
	judge: AskedModel;
	tally: WinRate;
	bias: PositionBias;
	longer: { longer: number; decided: number };
	contradictions: number;
	leftOut: readonly unknown[];
}

export function judgeReport({ judge, tally, bias, longer, contradictions, leftOut }: Judged): JudgeReport {
	const { endpoint, model, temperature, maxTokens, seed } = judge;
	const { rate, ...counts } = tally;
	return {
		judge: { endpoint, model, temperature, maxTokens, seed },
		...{ winRate: rate, ...counts, contradictions },
		...{ positionBias: bias, longerPreferred: longer, leftOut: leftOut.length },
	};
}

export function judgeSentence({ judge, winRate, wins, losses, ties, words }: JudgeReport): string {
	const interval = `${winRate.low.toFixed(2)} to ${winRate.high.toFixed(2)}`;
	const lengths = `${words.base.toFixed(0)} words by base, ${words.tuned.toFixed(0)} by tuned`;
	return `${judge.model}: the tuned model wins ${winRate.score.toFixed(2)} (${interval}), ${counted(wins, 'win')}, ${counted(losses, 'loss', 'losses')}, ${counted(ties, 'tie')}; mean length ${lengths}`;
}
