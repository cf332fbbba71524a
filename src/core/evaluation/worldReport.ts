/** The report on a world: scores by split with the figures that show the cost of a gain. */
import type { World, WorldId, WorldScore } from '../world/world.ts';
import { estimateOf, pairedDifference } from './compare.ts';
import type { Estimate, HeldOutResult } from './evaluation.ts';
import {
	meanLength,
	panelFigures,
	panelRows,
	type PanelFigures,
	type PanelResult,
	type PanelRow,
} from './panel.ts';

/** `heldOut`: trained families with topics and phrasings that no training prompt has. `untouched`: families that no run trains on. */
export type ReportSplit = 'heldOut' | 'untouched';

export interface SplitReport {
	split: ReportSplit;
	/** The strict score with its interval; n is 0 if the world has no such prompts. */
	score: Estimate;
	/** Share of the answers that pass the loose check, in [0, 1]. */
	loose: number;
	/** Mean length of the answers in words. */
	meanLength: number;
}

/** One state of the model. */
export interface StateReport {
	heldOut: SplitReport;
	untouched: SplitReport;
}

export interface WorldReport {
	world: WorldId;
	base: StateReport;
	tuned: StateReport;
	/** Strict score, tuned − base, over the prompts; n is 0 if there are none. */
	difference: Readonly<Record<ReportSplit, Estimate>>;
	panel: PanelFigures;
}

export interface WorldAnswer {
	prompt: string;
	answer: string;
}

/** Answers of one state of the model by split. */
export type StateAnswers = Readonly<Record<ReportSplit, readonly WorldAnswer[]>>;

/** A prompt's answer with its score, in one state. */
interface Scored {
	answer: string;
	score: WorldScore;
}

/** The results of a run that show its gain and the costs. */
export interface WorldResults {
	heldOut: readonly HeldOutResult[];
	untouched: readonly HeldOutResult[];
	panel: readonly PanelResult[];
}

/**
 * The report on the base model and the last tuned state that has side effects measured, both greedy.
 *
 * @returns null if no tuned state has them
 */
export function reportOnResults(
	world: World,
	{ heldOut, untouched, panel }: WorldResults,
): WorldReport | null {
	const step = Math.max(0, ...[...untouched, ...panel].map((result) => result.step));
	if (step === 0) return null;
	const state = (at: number): StateAnswers => ({
		heldOut: greedyAnswers(heldOut, at),
		untouched: greedyAnswers(untouched, at),
	});
	const [base, tuned] = [0, step].map((at) => panel.find((result) => result.step === at));
	const rows = base === undefined || tuned === undefined ? [] : panelRows(base, tuned);
	return worldReport(world, { base: state(0), tuned: state(step) }, rows);
}

function greedyAnswers(results: readonly HeldOutResult[], step: number): readonly WorldAnswer[] {
	const result = results.find((one) => one.mode === 'greedy' && one.step === step);
	return result?.answers.map(({ prompt, text }) => ({ prompt: prompt.text, answer: text })) ?? [];
}

/** Only prompts of the world that have an answer in both states count, so that the states' scores can be compared. */
export function worldReport(
	world: World,
	{ base, tuned }: { base: StateAnswers; tuned: StateAnswers },
	panel: readonly PanelRow[],
): WorldReport {
	const heldOut = bothSides(world, base.heldOut, tuned.heldOut);
	const untouched = bothSides(world, base.untouched, tuned.untouched);
	const state = (side: 'base' | 'tuned'): StateReport => ({
		heldOut: splitReport('heldOut', heldOut[side]),
		untouched: splitReport('untouched', untouched[side]),
	});
	return {
		world: world.id,
		base: state('base'),
		tuned: state('tuned'),
		difference: { heldOut: differenceOf(heldOut), untouched: differenceOf(untouched) },
		panel: panelFigures(panel),
	};
}

/** Both lists have the same prompts in the same order. */
type Sides = Readonly<Record<'base' | 'tuned', readonly Scored[]>>;

function bothSides(world: World, base: readonly WorldAnswer[], tuned: readonly WorldAnswer[]): Sides {
	const later = new Map(tuned.map(({ prompt, answer }) => [prompt, answer]));
	const rows = base.flatMap(({ prompt, answer }): { base: Scored; tuned: Scored }[] => {
		const after = later.get(prompt);
		const score = world.score(prompt, answer);
		const scoreAfter = after === undefined ? null : world.score(prompt, after);
		if (after === undefined || score === null || scoreAfter === null) return [];
		return [{ base: { answer, score }, tuned: { answer: after, score: scoreAfter } }];
	});
	return { base: rows.map((row) => row.base), tuned: rows.map((row) => row.tuned) };
}

function scoresOf(answers: readonly Scored[]): readonly number[] {
	return answers.map(({ score }) => score.score);
}

function differenceOf({ base, tuned }: Sides): Estimate {
	return pairedDifference(scoresOf(base), scoresOf(tuned));
}

function splitReport(split: ReportSplit, answers: readonly Scored[]): SplitReport {
	return {
		split,
		score: estimateOf(scoresOf(answers)),
		loose: answers.length === 0 ? 0 : answers.filter(({ score }) => score.loose).length / answers.length,
		meanLength: meanLength(answers.map(({ answer }) => answer)),
	};
}
