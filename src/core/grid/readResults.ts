/** Reads the results of a grid: results.json of `npm run ablate` and of the page, and the recorded grids that come with the page. */
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

/** The JSON of results, unchecked but for its list of runs. */
interface ResultsJson {
	readonly grid?: unknown;
	readonly runs: readonly unknown[];
}

/** True for the JSON of results, false for that of a grid. */
export function isResults(json: unknown): json is ResultsJson {
	return isRecord(json) && Array.isArray(json['runs']);
}

/**
 * @param name of the file, for the message
 * @throws FormatError `grid-results-old` · see `readGrid`
 */
export function readResults(name: string, { grid, runs }: ResultsJson): GridWithOutcomes {
	if (grid === undefined)
		throw new FormatError(`${name} has the results of a grid, but not its settings.`, {
			code: 'grid-results-old',
			hint: 'An older version wrote it. “npm run ablate” with --resume writes it again, without a new run.',
			context: { name },
		});
	const outcomes = runs.map(readOutcome).filter((outcome) => outcome !== null);
	return { grid: readGrid(grid), outcomes, damaged: runs.length - outcomes.length };
}
