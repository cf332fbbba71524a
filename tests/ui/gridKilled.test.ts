/** A grid whose page is closed in mid-run continues in the next page, and ends like its runs by themselves, to the digit. */
import { deleteDB } from 'idb';
import { afterAll, expect, test, vi } from 'vitest';
import type { Session } from '#app/session.svelte.ts';
import { readGrid } from '#core/grid/grid.ts';
import { runFigures, type RunFigures } from '#core/grid/outcome.ts';
import { gridRuns } from '#core/grid/runs.ts';
import { runLocks } from '#runtime/storage/runLocks.ts';
import { checkpointFolder } from '#runtime/storage/runStore.ts';

const GRID = readGrid({
	schema: 1,
	base: {
		prompts: { count: 6 },
		sampling: { maxTokens: 8 },
		optimiser: { warmupSteps: 0 },
		training: { steps: 5, batchPairs: 2, checkpointEvery: 1, evaluateEvery: 2 },
		evaluation: { count: 2, maxTokens: 6 },
	},
	vary: { objective: ['apo_zero', 'dpo'], seed: [3, 4] },
});
const NAME = 'test-grid-killed';
const ALONE = 'test-grid-alone';

afterAll(async () => {
	for (const name of [NAME, ALONE]) {
		await deleteDB(name);
		const root = await navigator.storage.getDirectory();
		await root.removeEntry(checkpointFolder(name), { recursive: true }).catch(() => undefined);
	}
});

interface Frame {
	open: (name: string) => Promise<Session>;
	/** Closes the page as a crash does: in the middle of everything. */
	kill: () => void;
}

async function openFrame(): Promise<Frame> {
	const frame = document.createElement('iframe');
	document.body.append(frame);
	const view = frame.contentWindow as (Window & typeof globalThis) | null;
	if (view === null) throw new Error('The frame has no window.');
	const script = view.document.createElement('script');
	script.type = 'module';
	script.src = new URL('./support/gridPage.ts', import.meta.url).href;
	const loaded = new Promise((resolve, reject) => {
		script.addEventListener('load', resolve);
		script.addEventListener('error', reject);
	});
	view.document.head.append(script);
	await loaded;
	return { open: (name) => view.openGridPage(name), kill: () => frame.remove() };
}

/** As text, because objects of another frame have other classes; without times and what was shared. */
function result({ seconds, wallSeconds, reused, ...figures }: RunFigures): string {
	expect([typeof seconds, typeof wallSeconds, typeof reused]).toEqual(['object', 'number', 'object']);
	return JSON.stringify(figures);
}

async function alone(): Promise<Map<string, string>> {
	const frame = await openFrame();
	const results = new Map<string, string>();
	for (const { key, recipe } of gridRuns(GRID)) {
		const page = await frame.open(ALONE);
		page.draft.load(recipe);
		await page.startRun();
		const { leftOutCounts: leftOut } = page.steps.pair;
		const record = page.run.record()!;
		results.set(key, result(runFigures(record, { leftOut, credit: null, reused: [], wallSeconds: 0 })));
	}
	frame.kill();
	return results;
}

test('a grid of 2 × 2 runs', async () => {
	const first = await openFrame();
	const page = await first.open(NAME);
	const grid = (await page.grids.create(GRID))!;
	const { id } = grid;
	void grid.start();
	await vi.waitUntil(() => grid.runs[0]!.step >= 3 && grid.runs[1]!.step >= 2, {
		timeout: 50_000,
		interval: 5,
	});
	expect(grid.outcomes).toEqual([]);
	const runIds = grid.runs.map(({ runId }) => runId);
	first.kill();
	await vi.waitUntil(async () => (await runLocks.held()).size === 0);

	const second = await openFrame();
	const again = (await (await second.open(NAME)).grids.open(id))!;
	await vi.waitUntil(() => again.state === 'running');
	expect(Math.max(...again.runs.map(({ step }) => step))).toBeGreaterThan(0);
	await again.start();
	expect(again.runs.map(({ error }) => error)).toEqual([null, null, null, null]);
	expect(again.runs.slice(0, 2).map(({ runId }) => runId)).toEqual(runIds.slice(0, 2));
	const outcomes = new Map(again.runs.map(({ key, outcome }) => [key, result(outcome!.figures!)]));
	second.kill();
	expect(outcomes).toEqual(await alone());
}, 120_000);
