/** The report on a world: scores by split with the figures that show the cost of a gain. */
import type { World, WorldId, WorldScore } from '../world/world.ts';
import { estimateOf } from './compare.ts';
import type { Estimate } from './evaluation.ts';
import { meanLength, panelFigures, type PanelFigures, type PanelRow } from './panel.ts';

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
	panel: PanelFigures;
}

export interface WorldAnswer {
	prompt: string;
	answer: string;
}

/** Answers of one state of the model by split. */
export type StateAnswers = Readonly<Record<ReportSplit, readonly WorldAnswer[]>>;

/** Answers to prompts of other worlds do not count. */
export function worldReport(
	world: World,
	{ base, tuned }: { base: StateAnswers; tuned: StateAnswers },
	panel: readonly PanelRow[],
): WorldReport {
	const state = (answers: StateAnswers): StateReport => ({
		heldOut: splitReport(world, 'heldOut', answers.heldOut),
		untouched: splitReport(world, 'untouched', answers.untouched),
	});
	return { world: world.id, base: state(base), tuned: state(tuned), panel: panelFigures(panel) };
}

function splitReport(world: World, split: ReportSplit, answers: readonly WorldAnswer[]): SplitReport {
	const scored = answers.flatMap(({ prompt, answer }): { answer: string; score: WorldScore }[] => {
		const score = world.score(prompt, answer);
		return score === null ? [] : [{ answer, score }];
	});
	return {
		split,
		score: estimateOf(scored.map(({ score }) => score.score)),
		loose: scored.length === 0 ? 0 : scored.filter(({ score }) => score.loose).length / scored.length,
		meanLength: meanLength(scored.map(({ answer }) => answer)),
	};
}
