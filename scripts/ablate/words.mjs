// Lines of progress of a grid.

/** @param {number} seconds @returns {string} "2 h 5 min", "3 min", "40 s" */
export function duration(seconds) {
	if (seconds < 90) return `${Math.round(seconds)} s`;
	const minutes = Math.round(seconds / 60);
	return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** @param {import('../../src/core/grid/outcome.ts').RunOutcome} outcome @returns {string} */
export function outcomeLine({ cell, seed, figures, error }) {
	const name = `${cell}, seed ${seed}`;
	if (figures === null) return `${name} failed: ${error?.message ?? ''}`;
	const { before, after } = figures.greedy;
	const marks = figures.marks.length === 0 ? '' : `; ${figures.marks.join('; ')}`;
	return `${name}: ${before.score.toFixed(3)} → ${after.score.toFixed(3)} in ${duration(figures.wallSeconds)}${marks}`;
}
