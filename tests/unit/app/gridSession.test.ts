/** A grid on the page against the same runs alone, with the embedded model and the real engine. */
import { afterEach, describe, expect, test } from 'vitest';
import type { GridSession } from '#app/grid/gridSession.svelte.ts';
import { Session } from '#app/session.svelte.ts';
import { readGrid } from '#core/grid/grid.ts';
import { runFigures, type RunFigures } from '#core/grid/outcome.ts';
import { gridRuns } from '#core/grid/runs.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { anchorPorts } from '#tests/support/anchorPorts.ts';

const GRID = readGrid({
	schema: 1,
	base: {
		prompts: { count: 8 },
		sampling: { maxTokens: 12 },
		optimiser: { warmupSteps: 0 },
		training: { steps: 4, batchPairs: 2, checkpointEvery: 1, evaluateEvery: 2 },
		evaluation: { count: 4, maxTokens: 8 },
	},
	vary: { objective: ['apo_zero', 'dpo'], seed: [3, 4] },
});

let ends: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of ends) await end();
	ends = [];
});

/** A page; `stores` of an earlier page are the browser's storage after a reload. */
async function page(stores: Partial<ReturnType<typeof anchorPorts>['ports']> = {}) {
	const { ports, dispose } = anchorPorts();
	ends.push(dispose);
	const made = new Session({ ...ports, ...stores });
	await made.start();
	const { store, grids, newId } = { ...ports, ...stores };
	return { made, stores: { store, grids, newId } };
}

async function started(grid = GRID): Promise<{ grid: GridSession; made: Session }> {
	const { made } = await page();
	const session = await made.grids.create(grid);
	if (session === null) throw new Error(made.grids.error?.message);
	return { grid: session, made };
}

/** Figures that depend on the clock or on what was shared. */
const OTHER: readonly string[] = ['seconds', 'wallSeconds', 'reused'] satisfies (keyof RunFigures)[];

function result(figures: RunFigures | null | undefined) {
	return Object.fromEntries(Object.entries(figures ?? {}).filter(([name]) => !OTHER.includes(name)));
}

async function alone(recipe: Recipe) {
	const { made } = await page();
	made.draft.load(recipe);
	await made.startRun();
	const record = made.run.record();
	if (record === null) throw new Error('no run');
	const { leftOutCounts: leftOut } = made.steps.pair;
	return result(runFigures(record, { leftOut, credit: null, reused: [], wallSeconds: 0 }));
}

describe('a grid in turns', { timeout: 120_000 }, () => {
	test('gives every run the outcome of the same run alone, to the digit', async () => {
		const { grid } = await started();
		await grid.start();
		expect(grid.runs.map(({ status, error }) => [status, error])).toEqual(Array(4).fill(['done', null]));
		expect(grid.state).toBe('done');
		for (const run of gridRuns(GRID)) {
			const { outcome } = grid.runs.find(({ key }) => key === run.key)!;
			expect(result(outcome?.figures)).toEqual(await alone(run.recipe));
		}
	});
});
