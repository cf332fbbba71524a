// Reads the grid of the command line: a file of JSON, or one typed line.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readGrid } from '../../src/core/grid/grid.ts';
import { readGridLine } from '../../src/core/grid/line.ts';
import { readGridFile } from '../../src/core/grid/file.ts';
import { UsageError } from '../arguments.mjs';

/**
 * @param {string | undefined} given a path, or a line such as `beta: 0.1, 1; seed: 1..3`
 * @returns {import('../../src/core/grid/grid.ts').Grid}
 */
export function gridOf(given) {
	if (given === undefined)
		throw new UsageError(
			'Name a grid: a file of JSON, or one line.',
			'For example: npm run ablate -- "objective: apo_zero, apo_down; seed: 1..3"',
		);
	if (statSync(given, { throwIfNoEntry: false })?.isDirectory())
		throw new UsageError(`${given} is a folder.`, 'Name a grid: a file of JSON, or one line.');
	if (existsSync(given)) return readGridFile(given, readFileSync(given));
	if (/\.json$/i.test(given)) throw new Error(`There is no file ${given}.`);
	return readGrid(readGridLine(given));
}
