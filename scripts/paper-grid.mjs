// node scripts/paper-grid.mjs FOLDER: adds the cells at the own learning rates to docs/grids/paper.json, by the results of
// docs/grids/paper-rates.json in FOLDER. Run it once, before the first run of the table.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownRates, withOwnRates } from './ablate/own-rates.mjs';
import { ROOT, runScript } from './install.mjs';

const TABLE = join(ROOT, 'docs', 'grids', 'paper.json');

async function main() {
	const { DEFAULT_RECIPE } = await import('../src/core/recipe/recipe.ts');
	const [folder] = process.argv.slice(2);
	if (folder === undefined) throw new Error('Name the folder of the rates grid.');
	const rates = ownRates(JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')));
	const grid = JSON.parse(readFileSync(TABLE, 'utf8'));
	if (Object.keys(grid.cells).some((name) => name.includes('own rate')))
		throw new Error('The grid already has cells at the own rates.');
	const whole = withOwnRates(grid, rates, DEFAULT_RECIPE.optimiser.learningRate);
	writeFileSync(TABLE, `${JSON.stringify(whole, null, '\t')}\n`);
	process.stdout.write(`${JSON.stringify(Object.fromEntries(rates))}\n`);
}

await runScript(import.meta.url, main);
