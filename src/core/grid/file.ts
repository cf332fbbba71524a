/** A grid as a file of JSON. */
import { FormatError } from '../errors.ts';
import { decodeText } from '../format/decode.ts';
import { limitJson } from '../format/jsonLimits.ts';
import { parseJson } from '../format/parseJson.ts';
import { readGrid, type Grid } from './grid.ts';

/** The largest grid has a few hundred values. */
const GRID_FILE_LIMIT = 1024 * 1024;
const LIMITS = { depth: 16, values: 100_000 } as const;

/**
 * @param name of the file, for the message
 * @throws FormatError `grid-file-too-large` · `grid-file-not-json` with line and column · see `readGrid`
 */
export function readGridFile(name: string, bytes: Uint8Array): Grid {
	if (bytes.length > GRID_FILE_LIMIT)
		throw new FormatError(`${name} has ${bytes.length} bytes; a grid has a few thousand.`, {
			code: 'grid-file-too-large',
			hint: 'Choose a file with the settings of a grid, not with its results.',
			context: { name, bytes: bytes.length },
		});
	limitJson(bytes, LIMITS, name);
	const json = parseJson(
		decodeText(bytes, name),
		({ line, column }, cause) =>
			new FormatError(`${name} is not JSON: the fault is in line ${line}, column ${column}.`, {
				code: 'grid-file-not-json',
				hint: 'Correct this place, or write the grid as one line.',
				context: { name, line, column },
				cause,
			}),
	);
	return readGrid(json);
}
