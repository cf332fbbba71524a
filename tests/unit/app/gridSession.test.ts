/** A grid on the page against the same runs alone, with the embedded model and the real engine. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { GridSession } from '#app/grid/gridSession.svelte.ts';
import type { AppPorts } from '#app/ports.ts';
import { Session } from '#app/session.svelte.ts';
import { readGrid } from '#core/grid/grid.ts';
import { runFigures, type RunFigures } from '#core/grid/outcome.ts';
import { gridRuns, type GridRun } from '#core/grid/runs.ts';
import { FakeStore } from '#tests/support/fakes.ts';
import { MemoryGridStore } from '#tests/support/gridStore.ts';
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

type Stores = Pick<AppPorts, 'store' | 'grids'>;

/** A page; `stores` are the browser's storage after a reload. */
async function page(stores?: Stores): Promise<{ session: Session; stores: Stores }> {
	const { ports, dispose } = anchorPorts();
	ends.push(dispose);
	const { store, grids } = stores ?? ports;
	const session = new Session({ ...ports, store, grids, newId: () => crypto.randomUUID() });
	await session.start();
	return { session, stores: { store, grids } };
}

/** A copy of the browser's storage at this moment. */
function copyOf({ store, grids }: Stores): Stores {
	const [runs, kept] = [new FakeStore(), new MemoryGridStore()];
	if (!(store instanceof FakeStore && grids instanceof MemoryGridStore)) throw new Error('other stores');
	runs.runs = structuredClone(store.runs);
	runs.checkpoints = structuredClone(store.checkpoints);
	for (const [id, text] of grids.texts) kept.texts.set(id, text);
	for (const [id, texts] of grids.outcomeTexts) kept.outcomeTexts.set(id, new Map(texts));
	return { store: runs, grids: kept };
}

/** A copy as of the first checkpoint of a step. A poll could miss that moment, because the trainer shares this thread. */
function copyAtCheckpoint(stores: Stores, step: number): Promise<Stores> {
	const { store } = stores;
	const write = store.writeCheckpoint.bind(store);
	return new Promise((resolve) => {
		store.writeCheckpoint = async (id, adapter, state) => {
			await write(id, adapter, state);
			if (adapter.step === step) resolve(copyOf(stores));
		};
	});
}

async function create(session: Session): Promise<GridSession> {
	const made = await session.grids.create(GRID);
	if (made === null) throw new Error(session.grids.error?.message);
	return made;
}

/** Figures that depend on the clock or on what was shared. */
const OTHER: readonly string[] = ['seconds', 'wallSeconds', 'reused'] satisfies (keyof RunFigures)[];

function result(figures: RunFigures | null | undefined) {
	return Object.fromEntries(Object.entries(figures ?? {}).filter(([name]) => !OTHER.includes(name)));
}

async function alone({ recipe }: GridRun) {
	const { session } = await page();
	session.draft.load(recipe);
	await session.startRun();
	const record = session.run.record();
	if (record === null) throw new Error('no run');
	const { leftOutCounts: leftOut } = session.steps.pair;
	return result(runFigures(record, { leftOut, credit: null, reused: [], wallSeconds: 0 }));
}

describe('a grid in turns', { timeout: 300_000 }, () => {
	const singles = new Map<string, ReturnType<typeof result>>();
	beforeAll(async () => {
		for (const run of gridRuns(GRID)) singles.set(run.key, await alone(run));
	}, 300_000);

	const expectSingles = (grid: GridSession): void => {
		expect(grid.state).toBe('done');
		for (const { key, outcome } of grid.runs) expect(result(outcome?.figures)).toEqual(singles.get(key));
	};

	test('gives every run the outcome of the same run alone, to the digit', async () => {
		const { session } = await page();
		const grid = await create(session);
		await grid.start();
		expectSingles(grid);
	});

	test('gives the same after its page was closed in mid-run', async () => {
		const { session, stores } = await page();
		const grid = await create(session);
		const kept = copyAtCheckpoint(stores, 3);
		void grid.start();
		const next = await page(await kept);
		await grid.pause();
		const again = (await next.session.grids.open(grid.id))!;
		expect(again.runs[0]!.step).toBeGreaterThan(0);
		await again.start();
		expect(again.runs.map(({ runId }) => runId).slice(0, 2)).toEqual(
			grid.runs.map(({ runId }) => runId).slice(0, 2),
		);
		expectSingles(again);
	});
});
