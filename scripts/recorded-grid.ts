// Writes the recorded grid that comes with the page from a folder of `npm run ablate docs/grids/paper.json`:
//   node scripts/recorded-grid.ts FOLDER
// It has the grid's settings and the figures of its runs, without the runs themselves.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PAPER_GRID } from '#app/library/recordings.ts';
import { readGridFile } from '#core/grid/file.ts';
import { gridJson } from '#core/grid/json.ts';
import { readOutcome } from '#core/grid/outcome.ts';
import { gridRuns } from '#core/grid/runs.ts';

const GRID = 'docs/grids/paper.json';

if (import.meta.main) {
	const [folder] = process.argv.slice(2);
	if (folder === undefined)
		throw new Error('Name the folder of the runs: node scripts/recorded-grid.ts FOLDER');
	const grid = readGridFile(GRID, readFileSync(GRID));
	const planned = gridRuns(grid);
	const runs = planned.flatMap(({ key, identity }) => {
		const path = join(folder, 'runs', `${key}.json`);
		const outcome = existsSync(path) ? readOutcome(JSON.parse(readFileSync(path, 'utf8'))) : null;
		return outcome?.identity === identity ? [outcome] : [];
	});
	console.log(`${runs.length} of ${planned.length} runs have figures.`);
	const text = JSON.stringify({ schema: 1, name: grid.name, grid: gridJson(grid), runs });
	const packed = gzipSync(text, { level: 9 });
	writeFileSync(join('public', PAPER_GRID.file), packed);
	console.log(`${PAPER_GRID.file}: ${(packed.length / 1e6).toFixed(2)} MB`);
}
