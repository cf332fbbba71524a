/** A grid as a file of JSON, alone or with the results of its runs. */
import { FormatError } from '../errors.ts';
import { decodeText } from '../format/decode.ts';
import { isGzip } from '../format/fileSignature.ts';
import { gunzip } from '../format/gzip.ts';
import { limitJson } from '../format/jsonLimits.ts';
import { parseJson } from '../format/parseJson.ts';
import { readGrid, type Grid } from './grid.ts';
import { isResults, readResults, type GridWithOutcomes } from './readResults.ts';

/** Bytes: room for the results of 500 runs with 1,000 held-out prompts. */
const GRID_FILE_LIMIT = 64 * 1024 * 1024;
const LIMITS = { depth: 16, values: 4_000_000 } as const;

/** The grid of a file, without the results that may be in it. Throws like {@link readGridAndResults}. */
export function readGridFile(name: string, bytes: Uint8Array): Grid {
	return readGridAndResults(name, bytes).grid;
}

/**
 * The same of bytes that may be packed as gzip. Some servers send a file of this kind with a header that lets the browser unpack it.
 *
 * @throws FormatError of `gunzip`
 */
export async function unpackGrid(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<GridWithOutcomes> {
	const unpacked = isGzip(bytes) ? await gunzip(bytes, { limit: GRID_FILE_LIMIT, source: name }) : bytes;
	return readGridAndResults(name, unpacked);
}

/**
 * @param name of the file, for the message
 * @throws FormatError `grid-file-too-large` · `grid-file-not-json` with line and column · see `readResults`, `readGrid`
 */
export function readGridAndResults(name: string, bytes: Uint8Array): GridWithOutcomes {
	if (bytes.length > GRID_FILE_LIMIT)
		throw new FormatError(`${name} has ${bytes.length} bytes; a grid with its results has a few million.`, {
			code: 'grid-file-too-large',
			hint: 'Choose the file grid.json or results.json of a grid.',
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
	return isResults(json) ? readResults(name, json) : { grid: readGrid(json), outcomes: [], damaged: 0 };
}
