/**
 * A grid whose page is killed in mid-run and goes on in a new page, against four single runs of the same recipes. Every wait is for a
 * state of the page, and training is long beside the time that a kill takes, so that a busy machine makes the test slower and nothing else.
 */
import { readFileSync } from 'node:fs';
import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import { launchOptions, WITHOUT_WEBGPU } from '../../scripts/chromium.mjs';
import { cellLabels } from '../../src/core/grid/cellLabels.ts';
import { gridCells } from '../../src/core/grid/cells.ts';
import { readGrid } from '../../src/core/grid/grid.ts';
import { gridLink } from '../../src/core/grid/link.ts';
import { gridRuns, type GridRun } from '../../src/core/grid/runs.ts';
import { readRunFile, type ReadRun } from '../../src/core/run/runFile.ts';
import { computed } from '../support/computed.ts';

test.use({ launchOptions: launchOptions(process.env['CHROMIUM_PATH'], WITHOUT_WEBGPU) });

const GRID = readGrid({
	schema: 1,
	name: 'Killed',
	base: {
		prompts: { count: 8 },
		sampling: { maxTokens: 12 },
		optimiser: { warmupSteps: 0 },
		training: { steps: 16, batchPairs: 2, checkpointEvery: 3, evaluateEvery: 8 },
		evaluation: { count: 4, maxTokens: 8 },
	},
	vary: { objective: ['apo_zero', 'dpo'], seed: [3, 4] },
});
const LABELS = cellLabels(GRID, gridCells(GRID));
/** A step between two checkpoints: its work is lost and done again. */
const KILLED_AT = /step [5-9] of 16/;
/** Milliseconds for a whole grid on a machine that does much else. */
const PATIENCE = 400_000;

/** The renderer process ends at once: no event of the page runs. */
async function kill(page: Page): Promise<void> {
	const devtools = await page.context().newCDPSession(page);
	const crashed = page.waitForEvent('crash');
	// Never answered, because the process that would answer is gone.
	void devtools.send('Page.crash').catch(() => undefined);
	await crashed;
}

/** Starts the grid and kills its page while the runs of the first seed train. @returns the time of the kill */
async function startAndKill(page: Page): Promise<string> {
	await page.goto(await gridLink(GRID, '/'));
	await page.getByRole('button', { name: /Run the grid/ }).click();
	// At every frame, because a state that lasts for a few steps is over between two slow polls.
	await page.waitForFunction((state) => new RegExp(state).test(document.body.innerText), KILLED_AT.source, {
		polling: 'raf',
		timeout: PATIENCE,
	});
	await kill(page);
	return new Date().toISOString();
}

/** Opens the killed grid as a person would, and waits for its end. */
async function goOn(context: BrowserContext): Promise<Page> {
	const page = await context.newPage();
	await page.goto('/');
	await page.getByRole('button', { name: 'Grids', exact: true }).click();
	const saved = page.getByRole('region', { name: 'Saved grids' });
	await expect(saved).toContainText(/2 cells, 4 runs, [01] done/);
	await saved.getByRole('button', { name: 'Open', exact: true }).click();
	await expect(page.getByText('Every run is done')).toBeVisible({ timeout: PATIENCE });
	return page;
}

/** Opens a run of the grid and exports it. */
async function exported(page: Page, { key, cell, seed }: GridRun): Promise<ReadRun> {
	await page.getByRole('button', { name: `Open ${LABELS.get(cell)}, seed ${seed}` }).click();
	const download = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Export' }).first().click();
	await page.getByRole('button', { name: /^Whole run/ }).click();
	const file = readFileSync(await (await download).path());
	await page.getByRole('button', { name: 'Back to the grid' }).click();
	return readRunFile(new Uint8Array(file), key);
}

/** The same recipe by itself, as `npm run loop` runs it. */
async function alone(page: Page, { key, recipe }: GridRun): Promise<ReadRun> {
	await page.goto('/loop.html');
	await page.waitForFunction('typeof globalThis.runLoop === "function"');
	const file = await page.evaluate(async (json) => {
		const result = await globalThis.runLoop({ recipe: json, place: null });
		if ('error' in result) throw new Error(result.error.message);
		return globalThis.packRun();
	}, recipe);
	return readRunFile(new Uint8Array(Buffer.from(file ?? '', 'base64')), key);
}

test('a grid whose page was killed in mid-run equals four single runs, to the digit', async ({
	page,
	context,
}) => {
	const killed = await startAndKill(page);
	const next = await goOn(context);
	const runs = gridRuns(GRID);
	expect(runs).toHaveLength(4);
	const ofGrid: ReadRun[] = [];
	for (const run of runs) ofGrid.push(await exported(next, run));
	// The runs of the first seed went on; those of the second began in the new page.
	expect(ofGrid.map(({ record }) => record.createdAt < killed)).toEqual([true, true, false, false]);
	for (const [i, run] of runs.entries()) {
		const single = computed(await alone(next, run));
		expect(single.metrics).toHaveLength(16);
		expect(single.adapters).toHaveLength(1);
		expect(computed(ofGrid[i]!), run.key).toEqual(single);
	}
});
