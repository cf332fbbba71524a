// The rule of docs/grids/README.md: an objective's own learning rate is the one with the best greedy held-out score in the rates grid,
// the smaller one of two that are equal. The table's grid gets a cell for each own rate that is not the default.

/** @typedef {import('../../src/core/grid/outcome.ts').RunOutcome} RunOutcome */
/** @typedef {{ name: string, recipe: { objective: { id: string }, optimiser: { learningRate: number } } }} RateCell */
/** @typedef {{ cells: Record<string, Record<string, unknown>>, compare: [string, string][] }} TableGrid as its file has it */

/**
 * @param {{ cells: readonly RateCell[], runs: readonly RunOutcome[] }} results of the rates grid, as results.json has them
 * @returns {Map<string, number>} learning rate by objective
 * @throws {Error} if a cell has no outcome yet
 */
export function ownRates({ cells, runs }) {
	/** @type {Map<string, { rate: number, score: number }>} */
	const best = new Map();
	for (const { name, recipe } of cells) {
		const outcome = runs.find(({ cell }) => cell === name);
		if (outcome === undefined) throw new Error(`The cell “${name}” has no outcome yet.`);
		// A run that failed does not count.
		if (outcome.figures === null) continue;
		const [rate, score] = [recipe.optimiser.learningRate, outcome.figures.greedy.after.score];
		const known = best.get(recipe.objective.id);
		const isBetter =
			known === undefined || score > known.score || (score === known.score && rate < known.rate);
		if (isBetter) best.set(recipe.objective.id, { rate, score });
	}
	return new Map([...best].map(([objective, { rate }]) => [objective, rate]));
}

const OWN = ', own rate';

/**
 * @template {TableGrid} Grid
 * @param {Grid} grid with the cells at the default rate
 * @param {ReadonlyMap<string, number>} rates
 * @param {number} standard the default rate
 * @returns {Grid} with a cell per own rate after them, and each comparison also at the own rates
 */
export function withOwnRates(grid, rates, standard) {
	const own = Object.entries(grid.cells).flatMap(([name, settings]) => {
		const rate = rates.get(String(settings['objective']));
		if (rate === undefined || rate === standard) return [];
		return [/** @type {const} */ ([`${name}${OWN}`, { ...settings, 'optimiser.learningRate': rate }])];
	});
	/** @type {ReadonlySet<string>} */
	const names = new Set(own.map(([name]) => name));
	/** @param {string} cell "APO-zero, clair" */
	const atOwnRate = (cell) => {
		const end = cell.lastIndexOf(', ');
		const name = `${cell.slice(0, end)}${OWN}`;
		return names.has(name) ? `${name}${cell.slice(end)}` : cell;
	};
	/** @type {[string, string][]} */
	const compare = grid.compare.flatMap(([a, b]) => {
		const both = /** @type {[string, string]} */ ([atOwnRate(a), atOwnRate(b)]);
		return both[0] === a && both[1] === b ? [] : [both];
	});
	return {
		...grid,
		cells: { ...grid.cells, ...Object.fromEntries(own) },
		compare: [...grid.compare, ...compare],
	};
}
