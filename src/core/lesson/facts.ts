/** Figures of a run that a lesson's sentences name. */
import { compareAnswers } from '../evaluation/compare.ts';
import type { HeldOutResult } from '../evaluation/evaluation.ts';
import { mean } from '../evaluation/intervals.ts';
import { titleOf } from '../loss/objectives/forSettings.ts';
import { tokenJaccard } from '../revision/measures.ts';
import type { RunRecord } from '../run/run.ts';
import { fixed, percent, signed } from '../text/numbers.ts';

/** The part of a run that lessons read. */
export type LessonRun = Pick<RunRecord, 'recipe' | 'heldOut' | 'pairs' | 'outputs' | 'metrics' | 'trails'>;

/** Shown in place of a figure that the run does not have yet. */
export const UNKNOWN = '…';

const FACTS = {
	/** Mean greedy score on held-out prompts. */
	before: (run) => score(greedy(run)[0]),
	after: (run) => score(tuned(run)),
	/** With its paired interval: "+0.52, 95% interval 0.49 to 0.56". */
	gain: (run) => gainOf(greedy(run)[0], tuned(run)),
	heldOut: (run) => String(greedy(run)[0]?.answers.length ?? UNKNOWN),
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
	firstLoss: ({ metrics }) => known(metrics[0]?.loss, fixed),
	lastLoss: (run) =>
		known(
			lastMean(run, ({ loss }) => loss),
			fixed,
		),
	/** Rewards over the last ten steps. */
	chosenReward: (run) =>
		known(
			lastMean(run, (step) => step['rewards/chosen']),
			signed,
		),
	rejectedReward: (run) =>
		known(
			lastMean(run, (step) => step['rewards/rejected']),
			signed,
		),
	/** "12 of 283": pairs whose chosen answer is less likely at the end than before. */
	chosenFell: ({ trails }) => {
		const last = new Map(trails.map((point) => [point.pairId, point.chosen]));
		const fell = [...last.values()].filter((reward) => reward < 0).length;
		return last.size === 0 ? UNKNOWN : `${fell} of ${last.size}`;
	},
} satisfies Record<string, (run: LessonRun) => string>;

export type Fact = keyof typeof FACTS;

const PLACE = /\{(\w+)\}/g;

/** Names in braces of a lesson's text. */
export function factsIn(text: string): string[] {
	return [...text.matchAll(PLACE)].map(([, name = '']) => name);
}

export const isFact = (name: string): name is Fact => Object.hasOwn(FACTS, name);

/** The text with the run's figures; a name that is no fact stays as it is. */
export function fillFacts(text: string, run: LessonRun): string {
	return text.replace(PLACE, (whole, name: string) => (isFact(name) ? FACTS[name](run) : whole));
}

function greedy({ heldOut }: LessonRun): HeldOutResult[] {
	return heldOut.filter(({ mode }) => mode === 'greedy').sort((a, b) => a.step - b.step);
}

function tuned(run: LessonRun): HeldOutResult | undefined {
	return greedy(run)
		.filter(({ step }) => step > 0)
		.at(-1);
}

function score(result: HeldOutResult | undefined): string {
	return result === undefined || result.estimate.n === 0 ? UNKNOWN : fixed(result.estimate.score);
}

function gainOf(before: HeldOutResult | undefined, after: HeldOutResult | undefined): string {
	if (before === undefined || after === undefined || after.estimate.n === 0) return UNKNOWN;
	const { difference } = compareAnswers(before.answers, after.answers);
	return `${signed(difference.score)}, 95% interval ${signed(difference.low)} to ${signed(difference.high)}`;
}

const LAST_STEPS = 10;

function lastMean(
	{ metrics }: LessonRun,
	value: (step: RunRecord['metrics'][number]) => number,
): number | undefined {
	return metrics.length === 0 ? undefined : mean(metrics.slice(-LAST_STEPS).map(value));
}

/** "0.41"; the sign of an unknown fact while the run has no value. */
function known(value: number | undefined, text: (value: number) => string): string {
	return value === undefined ? UNKNOWN : text(value);
}
