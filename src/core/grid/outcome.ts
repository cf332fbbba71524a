/** The outcome of one run of a grid: the figures that the grid compares, small enough to keep hundreds. */
import { AppError } from '../errors.ts';
import { compareAnswers, compareByFamily, pairAnswers } from '../evaluation/compare.ts';
import type { Drift } from '../evaluation/drift.ts';
import type { Estimate, HeldOutResult } from '../evaluation/evaluation.ts';
import { mean } from '../evaluation/intervals.ts';
import { meanAtEnd } from '../loss/meanAtEnd.ts';
import { judgeAccuracy } from '../judgement/summary.ts';
import type { PreferencePair } from '../pair/pair.ts';
import type { SharedWork } from '../recipe/sharedWork.ts';
import type { RunRecord } from '../run/run.ts';
import { scoreAnswer } from '../world/registry.ts';
import { curvesOf, NO_CURVES, type RunCurves } from './curves.ts';
import { brokenMarks } from './marks.ts';

/** Held-out scores of one decoding mode before and after training, over the prompts with both answers. */
export interface ModeScores {
	readonly before: Estimate;
	readonly after: Estimate;
	/** Mean of after − before, with its paired interval over prompts. */
	readonly difference: Estimate;
	/** By prompt, in one order. */
	readonly prompts: readonly string[];
	readonly beforeScores: readonly number[];
	readonly afterScores: readonly number[];
}

export interface FamilyScores {
	readonly family: string;
	readonly before: number;
	readonly after: number;
	readonly difference: Estimate;
}

/** Means over the last steps; log-ratios in nats. */
export interface FinalRewards {
	readonly chosen: number;
	readonly rejected: number;
	readonly margins: number;
	readonly accuracies: number;
	readonly chosenLogRatio: number;
	readonly rejectedLogRatio: number;
}

export interface PairFigures {
	readonly kept: number;
	/** Rows that gave no pair, by reason. */
	readonly leftOut: Readonly<Record<string, number>>;
	/** Mean rubric scores of the two sides; null if the world has none for them. */
	readonly chosenScore: number | null;
	readonly rejectedScore: number | null;
}

/** Figures of a finished run. */
export interface RunFigures {
	readonly greedy: ModeScores;
	readonly sampled: ModeScores;
	/** Greedy. */
	readonly families: readonly FamilyScores[];
	/** Absent in figures that older versions wrote; read them with `curvesIn`. */
	readonly curves?: RunCurves;
	/** `curves` under an earlier name. */
	readonly courses?: RunCurves;
	/** Greedy score by step, before there were other curves. */
	readonly course?: RunCurves['scores'];
	readonly pairs: PairFigures;
	/** How often the judge preferred the answer with the higher rubric score; null without a judge or a rubric. */
	readonly judge: { right: number; decided: number } | null;
	/** Token credit over all pairs with the last adapter; null if it was not measured. */
	readonly credit: { editedCredit: number; editedTokens: number; pairs: number } | null;
	readonly rewards: FinalRewards;
	/** After training; null if it was not measured. */
	readonly drift: Drift | null;
	/** Signs of a broken model; see marks.ts. */
	readonly marks: readonly string[];
	readonly steps: number;
	/** Wall seconds by phase. */
	readonly seconds: Readonly<Record<string, number>>;
	/** Wall seconds of the whole run, its measurements at the end included. */
	readonly wallSeconds: number;
	readonly reused: readonly SharedWork[];
}

/** The curves of a finished run. Figures that older versions wrote may have the score alone. */
export function curvesIn({ curves, courses, course = [] }: RunFigures): RunCurves {
	return curves ?? courses ?? { ...NO_CURVES, scores: course };
}

/** Figures that the record lacks. */
export interface RunExtras {
	readonly leftOut: ReadonlyMap<string, number>;
	readonly credit: RunFigures['credit'];
	readonly reused: readonly SharedWork[];
	readonly wallSeconds: number;
}

/** @throws AppError `outcome-unfinished` if the run has no scores before and after training */
export function runFigures(record: RunRecord, extras: RunExtras): RunFigures {
	const { recipe, metrics, pairs, judgements = [], seconds } = record;
	const { leftOut, credit, reused, wallSeconds } = extras;
	const last = metrics.at(-1)?.step ?? 0;
	const [before, after] = [resultAt(record, 'greedy', 0), resultAt(record, 'greedy', last)];
	const rewards = finalRewards(record);
	return {
		greedy: modeScores(before, after),
		sampled: modeScores(resultAt(record, 'sampled', 0), resultAt(record, 'sampled', last)),
		families: [...compareByFamily(before.answers, after.answers)].map(({ group, ...family }) => ({
			family: group,
			before: family.before.score,
			after: family.after.score,
			difference: family.difference,
		})),
		curves: curvesOf(record),
		pairs: {
			kept: pairs.length,
			leftOut: Object.fromEntries(leftOut),
			chosenScore: meanScore(pairs, 'chosen'),
			rejectedScore: meanScore(pairs, 'rejected'),
		},
		judge: judgements.length === 0 ? null : judgeAccuracy(judgements),
		credit,
		rewards,
		drift: after.drift ?? null,
		marks: brokenMarks({
			before,
			after,
			chosenLogRatio: rewards.chosenLogRatio,
			answerTokens: before.drift?.tokens.score ?? null,
		}),
		steps: Math.min(last, recipe.training.steps),
		seconds,
		wallSeconds,
		reused,
	};
}

function resultAt({ heldOut, name }: RunRecord, mode: HeldOutResult['mode'], step: number): HeldOutResult {
	const result = heldOut.find((held) => held.mode === mode && held.step === step);
	if (result !== undefined && result.answers.length > 0) return result;
	throw new AppError(`${name} has no ${mode} score at step ${step}.`, {
		code: 'outcome-unfinished',
		hint: 'A grid compares held-out scores: set evaluation.count to 1 or more, and use prompts with a rubric.',
		context: { mode, step },
	});
}

function modeScores(before: HeldOutResult, after: HeldOutResult): ModeScores {
	const pairs = pairAnswers(before.answers, after.answers);
	const { difference, ...sides } = compareAnswers(before.answers, after.answers);
	return {
		before: sides.before,
		after: sides.after,
		difference,
		prompts: pairs.map(({ prompt }) => prompt.id),
		beforeScores: pairs.map((pair) => pair.before.score),
		afterScores: pairs.map((pair) => pair.after.score),
	};
}

function finalRewards({ metrics, recipe }: RunRecord): FinalRewards {
	const atEnd = (name: `rewards/${'chosen' | 'rejected' | 'margins' | 'accuracies'}`): number =>
		meanAtEnd(metrics, (step) => step[name]);
	const [chosen, rejected] = [atEnd('rewards/chosen'), atEnd('rewards/rejected')];
	const { beta } = recipe.objective;
	return {
		chosen,
		rejected,
		margins: atEnd('rewards/margins'),
		accuracies: atEnd('rewards/accuracies'),
		chosenLogRatio: chosen / beta,
		rejectedLogRatio: rejected / beta,
	};
}

function meanScore(pairs: readonly PreferencePair[], side: 'chosen' | 'rejected'): number | null {
	const scores = pairs.flatMap((pair) => scoreAnswer(pair.prompt.text, pair[side])?.score ?? []);
	return scores.length === 0 ? null : mean(scores);
}

/** A run of a grid that has ended. */
export interface RunOutcome {
	readonly key: string;
	readonly cell: string;
	readonly seed: number;
	readonly identity: string;
	/** Null if the run failed. */
	readonly figures: RunFigures | null;
	/** Why it failed; null if it is done. */
	readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
	/** Device and versions that made it. */
	readonly madeWith: Pick<RunRecord, 'device' | 'versions'> | null;
}
