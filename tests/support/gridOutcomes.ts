/** Outcomes of runs of a grid with known scores. */
import type { ModeScores, RunFigures, RunOutcome } from '#core/grid/outcome.ts';
import { readGrid } from '#core/grid/grid.ts';
import { gridCells } from '#core/grid/cells.ts';
import { gridRuns } from '#core/grid/runs.ts';
import type { MeasuredGrid } from '#core/grid/table/measuredGrid.ts';

const before = [0.1, 0.2, 0.3, 0.4];

/** @param changes of the greedy score by prompt */
export function outcomeOf(cell: string, seed: number, changes: readonly number[]): RunOutcome {
	const estimate = { score: 0, low: 0, high: 0, n: changes.length };
	const beforeScores = changes.map((_, i) => before[i % before.length] ?? 0);
	const mode: ModeScores = {
		before: { ...estimate, score: beforeScores.reduce((sum, score) => sum + score, 0) / changes.length },
		after: estimate,
		difference: { ...estimate, score: changes.reduce((sum, change) => sum + change, 0) / changes.length },
		prompts: changes.map((_, i) => `p${i}`),
		beforeScores,
		afterScores: changes.map((change, i) => (beforeScores[i] ?? 0) + change),
	};
	const figures: RunFigures = {
		greedy: mode,
		sampled: mode,
		families: [],
		curves: {
			steps: [1, 2],
			values: {
				loss: [1, 1 / (1 + seed)],
				'rewards/chosen': [0, seed],
				'rewards/rejected': [0, -seed],
				'rewards/margins': [0, 2 * seed],
				'rewards/accuracies': [0, 1],
			},
			scores: [
				{ step: 0, score: 0.25 },
				{ step: 2, score: 0.25 + (changes[0] ?? 0) },
			],
		},
		pairs: { kept: 10, leftOut: {}, chosenScore: 1, rejectedScore: 0 },
		judge: null,
		credit: null,
		rewards: { chosen: 1, rejected: -1, margins: 2, accuracies: 1, chosenLogRatio: 1, rejectedLogRatio: -1 },
		drift: null,
		marks: [],
		steps: 2,
		seconds: {},
		wallSeconds: 5,
		reused: [],
	};
	return { key: `${cell}.seed${seed}`, cell, seed, identity: '', figures, error: null, madeWith: null };
}

export function failedOutcome(cell: string, seed: number, message = 'The loss is not a number.'): RunOutcome {
	return {
		...outcomeOf(cell, seed, [0]),
		figures: null,
		error: { code: 'diverged', message, hint: 'Choose a smaller learning rate.' },
	};
}

/** @param changeOf the change of every prompt of a run, or by prompt; null leaves the run out */
export function measuredGrid(
	json: object,
	changeOf: (cell: string, seed: number) => number | readonly number[] | null | 'failed',
): MeasuredGrid {
	const grid = readGrid({ schema: 1, ...json });
	const runs = gridRuns(grid);
	const outcomes = runs.flatMap(({ cell, seed }) => {
		const change = changeOf(cell, seed);
		if (change === null) return [];
		if (change === 'failed') return [failedOutcome(cell, seed)];
		return [outcomeOf(cell, seed, typeof change === 'number' ? [change, change, change, change] : change)];
	});
	return { grid, cells: gridCells(grid), runs, outcomes };
}
