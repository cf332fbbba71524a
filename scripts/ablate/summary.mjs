// The line that ends the script.

/** @typedef {import('../../src/core/grid/outcome.ts').RunOutcome} RunOutcome */
/** @typedef {import('../../src/core/grid/runs.ts').PlannedRun} PlannedRun */
/** @typedef {import('../../src/core/grid/results.ts').GridResults} GridResults */

/**
 * @param {GridResults} results
 * @param {{ out: string, planned: readonly PlannedRun[], outcomes: ReadonlyMap<string, RunOutcome> }} grid
 */
export function summaryOf({ cells }, { out, planned, outcomes }) {
	const ended = [...outcomes.values()];
	return {
		out,
		runs: planned.length,
		done: ended.filter(({ figures }) => figures !== null).length,
		failed: ended.filter(({ figures }) => figures === null).length,
		cells: cells.map(({ cell, seeds, greedy, rank, marks }) => ({
			cell,
			seeds: seeds.length,
			before: greedy?.before ?? null,
			after: greedy?.after.score ?? null,
			change: greedy?.change ?? null,
			rank,
			marks: marks.length,
		})),
	};
}
