// Lines of progress of a grid.

/** @param {number} seconds @returns {string} "2 h 5 min", "3 min", "40 s" */
export function duration(seconds) {
	if (seconds < 90) return `${Math.round(seconds)} s`;
	const minutes = Math.round(seconds / 60);
	return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** @param {import('../../src/core/grid/runs.ts').PlannedRun} planned @returns {string} "beta 0.1, seed 2; outputs from beta_1.seed2" */
export function plannedLine({ run, shares }) {
	const parent = run.begin === null ? '' : `; begins from ${run.begin}`;
	const shared = Object.entries(shares).map(([work, key]) => `; ${work} from ${key}`);
	return `${run.cell}, seed ${run.seed}${parent}${shared.join('')}`;
}

/** @param {import('../../src/core/grid/outcome.ts').RunOutcome} outcome @returns {string} */
export function outcomeLine({ cell, seed, figures, error }) {
	const name = `${cell}, seed ${seed}`;
	if (figures === null) return `${name} failed: ${error?.message ?? ''}`;
	const { before, after } = figures.greedy;
	const marks = figures.marks.length === 0 ? '' : `; ${figures.marks.join('; ')}`;
	return `${name}: ${before.score.toFixed(3)} → ${after.score.toFixed(3)} in ${duration(figures.wallSeconds)}${marks}`;
}
