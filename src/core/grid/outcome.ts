/** The outcome of one run of a grid: the figures that the grid compares, small enough to keep hundreds. */
import * as v from 'valibot';
import { deviceSchema } from '../device/report.ts';
import { AppError } from '../errors.ts';
import { compareAnswers, compareByFamily, pairAnswers } from '../evaluation/compare.ts';
import { driftSchema } from '../evaluation/drift.ts';
import { estimateSchema } from '../evaluation/estimate.ts';
import type { HeldOutResult } from '../evaluation/evaluation.ts';
import { count, listOf, measured } from '../format/schema.ts';
import { meanAtEnd } from '../loss/meanAtEnd.ts';
import { judgeAccuracy } from '../judgement/summary.ts';
import { meansOfSide } from '../pair/sides.ts';
import { SHARED_WORK, type SharedWork } from '../recipe/sharedWork.ts';
import type { RunRecord } from '../run/run.ts';
import { curvesOf, curvesSchema, NO_CURVES, scoresSchema, type RunCurves } from './curves.ts';
import { brokenMarks } from './marks.ts';

const modeScoresSchema = v.object({
	before: estimateSchema,
	after: estimateSchema,
	/** Mean of after − before, with its paired interval over prompts. */
	difference: estimateSchema,
	/** By prompt, in one order. */
	prompts: listOf(v.string()),
	beforeScores: listOf(measured),
	afterScores: listOf(measured),
});
/** Held-out scores of one decoding mode before and after training, over the prompts with both answers. */
export type ModeScores = v.InferOutput<typeof modeScoresSchema>;

const familyScoresSchema = v.object({
	family: v.string(),
	before: measured,
	after: measured,
	difference: estimateSchema,
});

/** Means over the last steps; log-ratios in nats. */
const finalRewardsSchema = v.object({
	chosen: measured,
	rejected: measured,
	margins: measured,
	accuracies: measured,
	chosenLogRatio: measured,
	rejectedLogRatio: measured,
});
type FinalRewards = v.InferOutput<typeof finalRewardsSchema>;

const pairFiguresSchema = v.object({
	kept: count,
	/** Rows that gave no pair, by reason. */
	leftOut: v.record(v.string(), count),
	/** Mean rubric scores of the two sides; null if the world has none for them. */
	chosenScore: v.nullable(v.number()),
	rejectedScore: v.nullable(v.number()),
});

const runFiguresSchema = v.object({
	greedy: modeScoresSchema,
	sampled: modeScoresSchema,
	/** Greedy. */
	families: listOf(familyScoresSchema),
	/** Absent in figures that older versions wrote; read them with `curvesIn`. */
	curves: v.exactOptional(curvesSchema),
	/** `curves` under an earlier name. */
	courses: v.exactOptional(curvesSchema),
	/** Greedy score by step, before there were other curves. */
	course: v.exactOptional(scoresSchema),
	pairs: pairFiguresSchema,
	/** How often the judge preferred the answer with the higher rubric score; null without a judge or a rubric. */
	judge: v.nullable(v.object({ right: count, decided: count })),
	/** Token credit over all pairs with the last adapter; null if it was not measured. */
	credit: v.nullable(v.object({ editedCredit: measured, editedTokens: measured, pairs: count })),
	rewards: finalRewardsSchema,
	/** After training; null if it was not measured. */
	drift: v.nullable(driftSchema),
	/** Signs of a broken model; see marks.ts. */
	marks: listOf(v.string()),
	steps: count,
	/** Wall seconds by phase. */
	seconds: v.record(v.string(), v.number()),
	/** Wall seconds of the whole run, its measurements at the end included. */
	wallSeconds: v.number(),
	reused: listOf(v.picklist(SHARED_WORK)),
});
/** Figures of a finished run. */
export type RunFigures = v.InferOutput<typeof runFiguresSchema>;

const outcomeSchema = v.object({
	key: v.string(),
	cell: v.string(),
	seed: v.number(),
	identity: v.string(),
	/** Null if the run failed. */
	figures: v.nullable(runFiguresSchema),
	/** Why it failed; null if it is done. */
	error: v.nullable(v.object({ code: v.string(), message: v.string(), hint: v.string() })),
	/** Device and versions that made it. */
	madeWith: v.nullable(
		v.object({
			device: v.nullable(deviceSchema),
			versions: v.pipe(v.record(v.string(), v.string()), v.readonly()),
		}),
	),
});
/** A run of a grid that has ended. */
export type RunOutcome = v.InferOutput<typeof outcomeSchema>;

/** @returns null if the value is no outcome */
export function readOutcome(value: unknown): RunOutcome | null {
	const { success, output } = v.safeParse(outcomeSchema, value);
	return success ? output : null;
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
			chosenScore: meansOfSide(pairs, 'chosen').score,
			rejectedScore: meansOfSide(pairs, 'rejected').score,
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
