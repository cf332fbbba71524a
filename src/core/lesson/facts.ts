/** Figures of a run that a lesson's sentences name. */
import { compareAnswers } from '../evaluation/compare.ts';
import type { HeldOutResult } from '../evaluation/evaluation.ts';
import { mean } from '../evaluation/intervals.ts';
import { judgeAccuracy, longerPreferred } from '../judgement/summary.ts';
import { titleOf } from '../loss/objectives/forSettings.ts';
import { smooth, SMOOTHING } from '../math/smooth.ts';
import { meansOfSide, wordsOf } from '../pair/sides.ts';
import { tokenJaccard } from '../revision/measures.ts';
import type { RunRecord, TrailPoint } from '../run/run.ts';
import { fixed, percent, signed } from '../text/numbers.ts';
import { withoutLoops } from '../world/instructions/text/loops.ts';
import { lastRewards, pairByRule, type PairRule } from './pairRules.ts';

/** The part of a run that lessons read. */
export type RunFacts = Pick<
	RunRecord,
	'recipe' | 'heldOut' | 'pairs' | 'outputs' | 'revisions' | 'judgements' | 'metrics' | 'trails'
>;

/** Shown in place of a figure that the run does not have. */
export const UNKNOWN = '…';

const FACTS = {
	/** Mean greedy score on held-out prompts. */
	before: (run) => score(results(run, 'greedy')[0]),
	after: (run) => score(tuned(run, 'greedy')),
	/** With its paired interval: "+0.52, 95% interval 0.49 to 0.56". */
	gain: (run) => gainOf(run, 'greedy'),
	/** The same of sampled answers. */
	sampledBefore: (run) => score(results(run, 'sampled')[0]),
	sampledAfter: (run) => score(tuned(run, 'sampled')),
	sampledGain: (run) => gainOf(run, 'sampled'),
	heldOut: (run) => String(results(run, 'greedy')[0]?.answers.length ?? UNKNOWN),
	seed: (run) => String(run.recipe.prompts.seed),
	pairs: (run) => String(run.pairs.length),
	answers: (run) => String(run.outputs.length),
	steps: (run) => String(run.metrics.at(-1)?.step ?? UNKNOWN),
	objective: ({ recipe }) => titleOf(recipe.objective),
	/** Mean share of the words that both sides of a pair have. */
	shared: ({ pairs }) =>
		pairs.length === 0
			? UNKNOWN
			: percent(mean(pairs.map((pair) => tokenJaccard(pair.rejected, pair.chosen)))),
	/** The same over all revisions, as the Revision view shows it: "0.65". */
	wordsKept: ({ revisions }) => {
		const shares = revisions.flatMap(({ measures }) => measures?.jaccard ?? []);
		return shares.length === 0 ? UNKNOWN : fixed(mean(shares));
	},
	/** Mean scores of both sides by the rubric. */
	chosenScore: ({ pairs }) => known(meansOfSide(pairs, 'chosen').score, fixed),
	rejectedScore: ({ pairs }) => known(meansOfSide(pairs, 'rejected').score, fixed),
	chosenWords: ({ pairs }) => known(meansOfSide(pairs, 'chosen').words, (words) => fixed(words, 1)),
	rejectedWords: ({ pairs }) => known(meansOfSide(pairs, 'rejected').words, (words) => fixed(words, 1)),
	/** Share of the judge's decisions for the better answer by the rubric, and for the longer one: "97%". */
	judgeRight: ({ judgements = [] }) => {
		const accuracy = judgeAccuracy(judgements);
		return accuracy === null ? UNKNOWN : shareOf(accuracy.right, accuracy.decided);
	},
	judgeLonger: ({ judgements = [] }) => {
		const { longer, decided } = longerPreferred(judgements);
		return shareOf(longer, decided);
	},
	/** Mean words of the greedy held-out answers. */
	wordsBefore: (run) => meanWords(textsOf(results(run, 'greedy')[0])),
	wordsAfter: (run) => meanWords(textsOf(tuned(run, 'greedy'))),
	/** Share of the greedy held-out answers after training that repeat themselves. */
	repeats: (run) => {
		const texts = textsOf(tuned(run, 'greedy'));
		return shareOf(texts.filter((text) => withoutLoops(text).phrase !== null).length, texts.length);
	},
	firstLoss: ({ metrics }) => known(metrics[0]?.loss, fixed),
	/** The end of the smoothed lines, as the charts label it. */
	lastLoss: ({ metrics }) => known(endOfLine(metrics, 'loss'), fixed),
	chosenReward: ({ metrics }) => known(endOfLine(metrics, 'rewards/chosen'), signed),
	rejectedReward: ({ metrics }) => known(endOfLine(metrics, 'rewards/rejected'), signed),
	/** "12 of 283": pairs whose chosen answer is less likely at the end than before. */
	chosenFell: ({ trails }) => {
		const last = lastRewards(trails);
		const fell = [...last.values()].filter(({ chosen }) => chosen < 0).length;
		return last.size === 0 ? UNKNOWN : `${fell} of ${last.size}`;
	},
	/** Number of the pair whose chosen answer fell most, and its rewards when last measured. */
	fallenPair: (run) => numberOf(run, 'chosenFellMost'),
	fallenChosen: (run) => known(fallen(run)?.chosen, signed),
	fallenRejected: (run) => known(fallen(run)?.rejected, signed),
	/** Number of the first pair whose chosen answer is longer and scores lower. */
	longerPair: (run) => numberOf(run, 'longerButWorse'),
} satisfies Record<string, (run: RunFacts) => string>;

export type Fact = keyof typeof FACTS;

const PLACE = /\{(\w+)\}/g;

/** Names in braces of a lesson's text. */
export function factsIn(text: string): string[] {
	return [...text.matchAll(PLACE)].map(([, name = '']) => name);
}

export const isFact = (name: string): name is Fact => Object.hasOwn(FACTS, name);

/** The text with the run's figures, or with signs of unknown ones if it is null; a name that is no fact stays as it is. */
export function fillFacts(text: string, run: RunFacts | null): string {
	const figure = (name: Fact): string => (run === null ? UNKNOWN : FACTS[name](run));
	return text.replace(PLACE, (whole, name: string) => (isFact(name) ? figure(name) : whole));
}

/** By step. */
function results({ heldOut }: RunFacts, wanted: HeldOutResult['mode']): HeldOutResult[] {
	return heldOut.filter(({ mode }) => mode === wanted).sort((a, b) => a.step - b.step);
}

function tuned(run: RunFacts, mode: HeldOutResult['mode']): HeldOutResult | undefined {
	return results(run, mode)
		.filter(({ step }) => step > 0)
		.at(-1);
}

function score(result: HeldOutResult | undefined): string {
	return result === undefined || result.estimate.n === 0 ? UNKNOWN : fixed(result.estimate.score);
}

function gainOf(run: RunFacts, mode: HeldOutResult['mode']): string {
	const [before, after] = [results(run, mode)[0], tuned(run, mode)];
	if (before === undefined || after === undefined || after.estimate.n === 0) return UNKNOWN;
	const { difference } = compareAnswers(before.answers, after.answers);
	return `${signed(difference.score)}, 95% interval ${signed(difference.low)} to ${signed(difference.high)}`;
}

function endOfLine(
	metrics: RunFacts['metrics'],
	name: 'loss' | 'rewards/chosen' | 'rewards/rejected',
): number | undefined {
	const values = metrics.map((step) => step[name]);
	return smooth(values, SMOOTHING).at(-1) ?? undefined;
}

/** The pair's number as the views show it. */
function numberOf(run: RunFacts, rule: PairRule): string {
	const id = pairByRule(rule, run);
	const index = run.pairs.findIndex((pair) => pair.id === id);
	return index < 0 ? UNKNOWN : String(index + 1);
}

function fallen(run: RunFacts): TrailPoint | undefined {
	return lastRewards(run.trails).get(pairByRule('chosenFellMost', run) ?? '');
}

function textsOf(result: HeldOutResult | undefined): readonly string[] {
	return result?.answers.map(({ text }) => text) ?? [];
}

function meanWords(texts: readonly string[]): string {
	const words = texts.map(wordsOf);
	return words.length === 0 ? UNKNOWN : fixed(mean(words), 1);
}

const shareOf = (part: number, whole: number): string => (whole === 0 ? UNKNOWN : percent(part / whole));

/** "0.41"; the sign of an unknown fact while the run has no value. */
function known(value: number | null | undefined, text: (value: number) => string): string {
	return value == null ? UNKNOWN : text(value);
}
