/** The results of a grid as a file: what `npm run ablate` and the page write as results.json, and the recorded grids of the page. */
import { FormatError } from '../errors.ts';
import { isRecord } from '../format/record.ts';
import { readGrid, type Grid } from './grid.ts';
import { readOutcome, type RunOutcome } from './outcome.ts';

/** A grid with the figures of its runs. */
export interface GridWithOutcomes {
	readonly grid: Grid;
	readonly outcomes: readonly RunOutcome[];
	/** Runs of the file whose figures cannot be read. */
	readonly damaged: number;
}

/** True for the JSON of results, false for that of a grid. */
export function isResults(json: unknown): json is Readonly<Record<string, unknown>> {
	return isRecord(json) && Array.isArray(json['runs']);
}

/**
 * @param name of the file, for the message
 * @throws FormatError `grid-results-old` · see `readGrid`
 */
export function readResults(name: string, { grid, runs }: Readonly<Record<string, unknown>>): GridWithOutcomes {
	if (grid === undefined)
		throw new FormatError(`${name} has the results of a grid, but not its settings.`, {
			code: 'grid-results-old',
			hint: 'An older version wrote it. “npm run ablate” with --resume writes it again, without a new run.',
			context: { name },
		});
	const all = Array.isArray(runs) ? runs.map(readOutcome) : [];
	const outcomes = all.filter((outcome) => outcome !== null);
	return { grid: readGrid(grid), outcomes, damaged: all.length - outcomes.length };
}
