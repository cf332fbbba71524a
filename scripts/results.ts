// Writes docs/results.md, README's table of results and the figures that lessons name, from docs/grids/lab.results.json and the recorded
// grid of the page (scripts/recorded-grid.ts):
//   node scripts/results.ts [FOLDER]
// A folder is one that `npm run ablate docs/grids/lab.json` wrote on this machine: its results replace lab.results.json first.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PAPER_GRID } from '#app/library/recordings.ts';
import { readGridAndResults } from '#core/grid/file.ts';
import { resultsDocument } from './results/document.ts';
import { forLessons } from './results/forLessons.ts';
import { resultsOf } from './results/fromFolder.ts';
import type { LabResults } from './results/labResults.ts';
import { paperChapter } from './results/paperChapter.ts';
import { withResults } from './results/readme.ts';

const GRID = 'docs/grids/lab.json';
const RESULTS = 'docs/grids/lab.results.json';

/** The written files by their paths, as they should be. */
export function resultFiles(): Readonly<Record<string, string>> {
	const results = JSON.parse(readFileSync(RESULTS, 'utf8')) as LabResults;
	return {
		'docs/results.md': `${resultsDocument(results)}\n${paper()}\n`,
		'README.md': withResults(readFileSync('README.md', 'utf8'), results),
		'src/core/lesson/lab/results.json': forLessons(results),
	};
}

/** The chapter on the recorded grid. */
function paper(): string {
	const file = join('public', PAPER_GRID.file);
	return paperChapter(readGridAndResults(file, gunzipSync(readFileSync(file))));
}

/** JSON with a line for each run and each comparison. */
function jsonOf({ cells, comparisons, ...rest }: LabResults): string {
	const head = JSON.stringify(rest).slice(0, -1);
	const cellLines = cells.map(({ runs, ...cell }) => {
		const runLines = runs.map((run) => JSON.stringify(run)).join(',\n');
		return `${JSON.stringify(cell).slice(0, -1)},"runs":[\n${runLines}\n]}`;
	});
	const pairLines = comparisons.map((one) => JSON.stringify(one));
	return `${head},\n"cells":[\n${cellLines.join(',\n')}\n],\n"comparisons":[\n${pairLines.join(',\n')}\n]}\n`;
}

if (import.meta.main) {
	const [folder] = process.argv.slice(2);
	if (folder !== undefined) writeFileSync(RESULTS, jsonOf(await resultsOf(folder, GRID)));
	for (const [path, text] of Object.entries(resultFiles())) writeFileSync(path, text);
}
