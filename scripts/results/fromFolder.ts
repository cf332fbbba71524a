/** Reads the results of a grid from the folder that `npm run ablate` wrote. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import type { Estimate, ScoredAnswer } from '#core/evaluation/evaluation.ts';
import { mean } from '#core/evaluation/intervals.ts';
import type { Cell } from '#core/grid/cell.ts';
import type { RunFigures, RunOutcome } from '#core/grid/outcome.ts';
import { readGridFile } from '#core/grid/file.ts';
import type { GridResults } from '#core/grid/results.ts';
import { gridRuns } from '#core/grid/runs.ts';
import { longerPreferred } from '#core/judgement/summary.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { RunRecord } from '#core/run/run.ts';
import { readRunFile } from '#core/run/runFile.ts';
import { withoutLoops } from '#core/world/instructions/text/loops.ts';
import type { AnswerFigures, CellMode, Interval, LabCell, LabResults, LabRun } from './labResults.ts';

interface GridFile {
	readonly name: string;
	readonly cells: readonly Cell[];
	readonly results: GridResults;
	readonly runs: readonly RunOutcome[];
}

/** @param grid file of the grid */
export async function resultsOf(folder: string, grid: string): Promise<LabResults> {
	const file = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as GridFile;
	const planned = gridRuns(readGridFile(grid, readFileSync(grid)));
	const days: string[] = [];
	const cells: LabCell[] = [];
	for (const cell of file.cells) {
		const runs: LabRun[] = [];
		for (const { key, figures, seed } of file.runs.filter((run) => run.cell === cell.name)) {
			if (figures === null) continue;
			const record = await recordOf(folder, key);
			days.push(record.createdAt.slice(0, 10));
			runs.push(labRun(seed, figures, record));
		}
		const found = labCell(cell, file.results, runs);
		if (found !== null) cells.push(found);
	}
	days.sort();
	return {
		schema: 1,
		name: file.name,
		made: { first: days[0] ?? '', last: days.at(-1) ?? '' },
		...madeWith(file.runs),
		recipe: sharedRecipe(file.cells),
		seeds: [...new Set(planned.map(({ seed }) => seed))],
		planned: planned.length,
		cells,
		comparisons: file.results.comparisons.map(({ a, b, seeds, difference, corrected, editedCredit }) => ({
			...{ a, b, seeds, difference: interval(difference), p: rounded(corrected) },
			credit: editedCredit && interval(editedCredit),
		})),
	};
}

async function recordOf(folder: string, key: string): Promise<RunRecord> {
	const bytes = new Uint8Array(readFileSync(join(folder, 'runs', `${key}.run.json.gz`)));
	return (await readRunFile(bytes, key)).record;
}

/** The grid must have run on this machine. */
function madeWith(runs: readonly RunOutcome[]): Pick<LabResults, 'machine' | 'versions'> {
	const made = runs.find(({ madeWith }) => madeWith !== null)?.madeWith;
	return {
		machine: {
			backend: made?.device?.backend ?? 'unknown',
			processor: cpus()[0]?.model.trim() ?? 'unknown',
			cores: availableParallelism(),
		},
		versions: made?.versions ?? {},
	};
}

function sharedRecipe([first]: readonly Cell[]): LabResults['recipe'] {
	if (first === undefined) throw new Error('The grid has no cells.');
	const { model, prompts, evaluation, objective, lora, optimiser, training } = first.recipe;
	return {
		model,
		prompts: prompts.count,
		heldOut: evaluation.count,
		beta: objective.beta,
		rank: lora.rank,
		learningRate: optimiser.learningRate,
		steps: training.steps,
		batchPairs: training.batchPairs,
	};
}

function labCell(
	{ name, settings, begin }: Cell,
	{ cells }: GridResults,
	runs: readonly LabRun[],
): LabCell | null {
	const result = cells.find(({ cell }) => cell === name);
	if (result?.greedy == null || result.sampled === null) return null;
	const mode = ({ before, after, change }: NonNullable<typeof result.greedy>): CellMode => ({
		before: rounded(before),
		after: interval(after),
		change: interval(change),
	});
	return {
		name,
		settings: settings.map(({ path, value }) => `${path}: ${valueText(value)}`),
		begin,
		greedy: mode(result.greedy),
		sampled: mode(result.sampled),
		runs,
	};
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function labRun(seed: number, figures: RunFigures, { pairs, judgements = [], heldOut }: RunRecord): LabRun {
	const { greedy, sampled, judge, credit, rewards, marks, wallSeconds } = figures;
	const { longer, decided: unequal } = longerPreferred(judgements);
	const answersAt = (step: number): readonly ScoredAnswer[] =>
		heldOut.find((held) => held.mode === 'greedy' && held.step === step)?.answers ?? [];
	return {
		seed,
		greedy: { before: interval(greedy.before), after: interval(greedy.after) },
		sampled: { before: interval(sampled.before), after: interval(sampled.after) },
		pairs: figures.pairs.kept,
		chosen: { score: rounded(figures.pairs.chosenScore), words: wordsOf(pairs, 'chosen') },
		rejected: { score: rounded(figures.pairs.rejectedScore), words: wordsOf(pairs, 'rejected') },
		judge: judge && { ...judge, longer, unequal },
		credit: credit && { edited: rounded(credit.editedCredit), tokens: rounded(credit.editedTokens) },
		logRatio: { chosen: rounded(rewards.chosenLogRatio), rejected: rounded(rewards.rejectedLogRatio) },
		answers: { before: answerFigures(answersAt(0)), after: answerFigures(answersAt(figures.steps)) },
		marks,
		seconds: Math.round(wallSeconds),
	};
}

function answerFigures(answers: readonly ScoredAnswer[]): AnswerFigures {
	const share = (has: (text: string) => boolean): number =>
		rounded(mean(answers.map(({ text }) => Number(has(text)))));
	return {
		repeats: share((text) => withoutLoops(text).phrase !== null),
		empty: share((text) => text.trim() === ''),
		words: rounded(mean(answers.map(({ text }) => wordCount(text)))),
	};
}

function wordsOf(pairs: readonly PreferencePair[], side: 'chosen' | 'rejected'): number {
	return rounded(mean(pairs.map((pair) => wordCount(pair[side]))));
}

const wordCount = (text: string): number => text.split(/\s+/).filter(Boolean).length;

function interval({ score, low, high }: Estimate): Interval {
	return { score: rounded(score), low: rounded(low), high: rounded(high) };
}

/** Six digits: far more than any text shows. */
function rounded<T extends number | null>(value: T): T {
	return (value === null ? null : Number(value.toPrecision(6))) as T;
}
