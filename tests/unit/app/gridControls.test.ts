/** Steering a grid while it runs, and what the store keeps of it, with doubles of the engines. */
import { describe, expect, test, vi } from 'vitest';
import { Session } from '#app/session.svelte.ts';
import { DeviceError, StorageError } from '#core/errors.ts';
import { FakeStore, SMALL } from '#tests/support/fakes.ts';
import { settle } from '#tests/support/fakeCompute.ts';
import { MemoryGridStore } from '#tests/support/gridStore.ts';
import { create, gridOf, page, run, statuses, trains, type Page } from '#tests/support/gridPage.ts';

describe('a grid', () => {
	test('trains the runs of a seed together, and those of the next seed after them', async () => {
		const made = await page();
		const grid = await create(made);
		expect(grid.state).toBe('planned');
		expect(grid.runs.map(({ cell, seed }) => `${cell} ${seed}`)).toEqual([
			'apo_zero 1',
			'dpo 1',
			'apo_zero 2',
			'dpo 2',
		]);
		await grid.start();
		expect(grid.state).toBe('done');
		expect(statuses(grid)).toEqual(['done', 'done', 'done', 'done']);
		expect(made.compute.mostTrainers).toBe(2);
		expect(made.compute.jobs.map(({ recipe }) => recipe.training.seed)).toEqual([1, 1, 2, 2]);
		expect(grid.outcomes.map(({ key }) => key)).toEqual(grid.runs.map(({ key }) => key));
		expect(run(grid, 1).outcome?.figures?.reused).toEqual(['outputs', 'revisions', 'held-out before']);
		expect(run(grid, 0)).toMatchObject({ step: 8, steps: 8, phase: 'done' });
		expect(run(grid, 0).curves.values.loss).toHaveLength(8);
	});

	test('keeps its runs in the store under its id', async () => {
		const made = await page();
		const grid = await create(made);
		await grid.start();
		const { runs } = await made.store.survey();
		expect(runs.map((one) => one.grid?.id)).toEqual(Array(4).fill(grid.id));
		expect(new Set(runs.map(({ id }) => id))).toEqual(new Set(grid.runs.map(({ runId }) => runId)));
		expect((await made.grids.survey()).grids).toMatchObject([
			{ id: grid.id, state: 'done', cells: 2, runs: 4, done: 4 },
		]);
	});

	test('pauses and continues', async () => {
		const made = await page();
		const grid = await create(made);
		const played = grid.start();
		await trains(grid, 0);
		await grid.pause();
		await played;
		expect(grid.state).toBe('paused');
		expect(statuses(grid)).not.toContain('running');
		const before = run(grid, 0).step;
		await settle();
		expect(run(grid, 0).step).toBeLessThanOrEqual(before + 1);
		await grid.start();
		expect(statuses(grid)).toEqual(['done', 'done', 'done', 'done']);
	});

	test('stops a run and a cell, and retries them', async () => {
		const made = await page();
		const grid = await create(made);
		const played = grid.start();
		await trains(grid, 0);
		await grid.stopRun(run(grid, 0).key);
		await grid.stopCell('dpo');
		await played;
		expect(grid.state).toBe('done');
		expect(statuses(grid)).toEqual(['stopped', 'stopped', 'done', 'stopped']);
		expect(grid.outcomes).toHaveLength(1);
		await grid.retry(run(grid, 0).key);
		expect(grid.state).toBe('paused');
		await grid.start();
		expect(statuses(grid)).toEqual(['done', 'stopped', 'done', 'stopped']);
	});

	test('has a failed run with its reason, and the others go on', async () => {
		const made = await page();
		const grid = await create(made);
		made.compute.failAt = 3;
		made.compute.failRun = 'run-2';
		await grid.start();
		expect(grid.state).toBe('done');
		const failed = grid.runs.filter(({ status }) => status === 'failed');
		expect(failed).toHaveLength(1);
		expect(failed[0]).toMatchObject({
			error: { code: 'non-finite', message: 'The loss is not a number.' },
			outcome: { figures: null, error: { code: 'non-finite' } },
		});
		made.compute.failAt = null;
		await grid.retry(failed[0]!.key);
		await grid.start();
		expect(statuses(grid)).toEqual(['done', 'done', 'done', 'done']);
	});

	test('continues with new engines after the device was lost', async () => {
		const made = await page();
		const grid = await create(made);
		made.compute.failAt = 6;
		made.compute.failWith = new DeviceError('The GPU was lost.', { code: 'device-lost' });
		await grid.start();
		expect(statuses(grid)).toEqual(['done', 'done', 'done', 'done']);
		expect(made.computes).toHaveLength(2);
		// From the checkpoint of step 4.
		expect(made.computes[1]!.jobs.slice(0, 2).map(({ resume }) => resume?.step)).toEqual([4, 4]);
	});

	test('takes a changed copy of a cell and more seeds while it runs', async () => {
		const made = await page();
		const grid = await create(made);
		const played = grid.start();
		await trains(grid, 0);
		expect(await grid.cloneCell('dpo', { path: 'beta', value: 0.25 }, 'dpo, soft')).toBe(true);
		expect(await grid.addSeeds([5], 'apo_zero')).toBe(true);
		expect(await grid.rename('  Losses ')).toBe(true);
		await played;
		expect(grid.name).toBe('Losses');
		expect(grid.runs.map(({ cell, seed, status }) => `${cell} ${seed} ${status}`)).toEqual([
			'apo_zero 1 done',
			'dpo 1 done',
			'dpo, soft 1 done',
			'apo_zero 2 done',
			'dpo 2 done',
			'dpo, soft 2 done',
			'apo_zero 5 done',
		]);
		expect(grid.cells.at(-1)?.recipe.objective).toMatchObject({ id: 'dpo', beta: 0.25 });
		const reopened = await (await page(made)).session.grids.open(grid.id);
		expect(reopened?.runs.map(({ key }) => key)).toEqual(grid.runs.map(({ key }) => key));
		expect(reopened?.outcomes).toEqual(grid.outcomes);
	});

	test.each([
		[{ path: 'beta', value: -1 }, 'recipe-invalid'],
		[{ path: 'betta', value: 1 }, 'grid-setting-unknown'],
		[{ path: 'objective', value: 'dpo' }, 'grid-contradiction'],
		[{ path: 'seed', value: 1 }, 'grid-invalid'],
	])('refuses the copy %o and says why', async (change, code) => {
		const grid = await create(await page());
		expect(await grid.cloneCell('apo_zero', change)).toBe(false);
		expect(grid.error).toMatchObject({ code });
		expect(grid.cells).toHaveLength(2);
	});

	test.each([
		['no cell', { vary: { beta: [] } }, 'grid-invalid'],
		['one run', { vary: { beta: [0.1] } }, 'grid-one-run'],
		[
			'500 cells',
			{ vary: { beta: Array.from({ length: 500 }, (_, i) => 0.01 * (i + 1)) } },
			'grid-too-large',
		],
		['contradictory settings', { vary: { beta: [1, 2], 'objective.beta': [3] } }, 'grid-invalid'],
	])('of %s is refused with its reason', async (_, parts, code) => {
		const { session } = await page();
		const made = await Promise.resolve()
			.then(() => session.grids.create(gridOf(parts)))
			.catch((error: unknown) => error);
		const refusal = made === null ? session.grids.error : made;
		expect(refusal).toMatchObject({ code });
		expect(session.grids.list).toEqual([]);
	});
});

describe('after a reload', () => {
	/** A copy of the stores, as the next visit finds them. */
	function stored({ store, grids }: Page): { store: FakeStore; grids: MemoryGridStore } {
		const copy = new FakeStore();
		copy.runs = structuredClone(store.runs);
		copy.checkpoints = structuredClone(store.checkpoints);
		const kept = new MemoryGridStore();
		for (const [id, text] of grids.texts) kept.texts.set(id, text);
		for (const [id, texts] of grids.outcomeTexts) kept.outcomeTexts.set(id, new Map(texts));
		return { store: copy, grids: kept };
	}

	test('a grid that was at work continues by itself', async () => {
		const first = await page();
		const grid = await create(first);
		void grid.start();
		await vi.waitUntil(() => run(grid, 2).step > 4, { interval: 0, timeout: 20_000 });
		const second = await page(stored(first));
		const again = (await second.session.grids.open(grid.id))!;
		expect(again.outcomes).toHaveLength(2);
		await vi.waitUntil(() => again.state === 'running', { interval: 0, timeout: 20_000 });
		await again.start();
		expect(statuses(again)).toEqual(['done', 'done', 'done', 'done']);
		expect(again.runs.map(({ runId }) => runId)).toEqual(grid.runs.map(({ runId }) => runId));
	});

	test('a paused grid stays paused and shows how far it had come', async () => {
		const first = await page();
		const grid = await create(first);
		void grid.start();
		await vi.waitUntil(() => run(grid, 0).step > 5, { interval: 0, timeout: 20_000 });
		await grid.pause();
		const again = (await (await page(stored(first))).session.grids.open(grid.id))!;
		expect(again.state).toBe('paused');
		expect(again.runs[0]).toMatchObject({ status: 'paused' });
		expect(again.runs[0]!.step).toBeGreaterThanOrEqual(4);
	});

	test('a run that was deleted meanwhile starts again', async () => {
		const first = await page();
		const grid = await create(first);
		await grid.start();
		await grid.addSeeds([7]);
		const next = await page(stored(first));
		const again = (await next.session.grids.open(grid.id))!;
		await next.store.remove(run(grid, 0).runId!);
		expect(again.runs[0]!.runId).toBeNull();
		await again.start();
		expect(again.state).toBe('done');
		expect(again.outcomes).toHaveLength(6);
	});
});

describe('a store that refuses', () => {
	const FULL = new StorageError('The space is used up.', { code: 'storage-quota', hint: 'Delete runs.' });

	test('pauses the grid, and everything is kept when there is space again', async () => {
		const made = await page();
		const grid = await create(made);
		const played = grid.start();
		await trains(grid, 0);
		made.store.error = FULL;
		await played;
		expect(grid.state).toBe('paused');
		expect(grid.error).toMatchObject({ code: 'storage-quota' });
		expect(grid.unsaved).toMatchObject({ code: 'storage-quota' });
		made.store.error = null;
		await grid.start();
		expect(grid.state).toBe('done');
		expect(grid.unsaved).toBeNull();
		expect(statuses(grid)).toEqual(['done', 'done', 'done', 'done']);
		const { runs } = await made.store.survey();
		expect(runs.map(({ phase }) => phase)).toEqual(['done', 'done', 'done', 'done']);
	});

	test('keeps the outcomes of a grid that cannot be written for the next write', async () => {
		const made = await page();
		const grid = await create(made);
		made.grids.error = FULL;
		await grid.start();
		expect(grid.outcomes).toHaveLength(4);
		expect(grid.unsaved).toMatchObject({ code: 'storage-quota' });
		made.grids.error = null;
		await grid.rename('Again');
		expect(grid.unsaved).toBeNull();
		expect(await made.grids.outcomes(grid.id)).toHaveLength(4);
	});
});

describe('two tabs', () => {
	test('a grid at work in one tab is not started in another', async () => {
		const made = await page();
		const locks = { ...made.ports.locks, hold: () => Promise.resolve(null) };
		const other = new Session({ ...made.ports, grids: made.grids, locks });
		await other.start();
		const grid = await create(made);
		const there = (await other.grids.open(grid.id))!;
		await there.start();
		expect(there.state).toBe('planned');
		expect(there.error).toMatchObject({ code: 'grid-elsewhere' });
		expect(await there.addSeeds([9])).toBe(false);
	});

	test('a tab that starts a grid takes the newest state', async () => {
		const made = await page();
		const grid = await create(made);
		const other = await page(made);
		const there = (await other.session.grids.open(grid.id))!;
		await there.addSeeds([9]);
		await grid.start();
		expect(grid.runs).toHaveLength(6);
		expect(statuses(grid)).toEqual(Array(6).fill('done'));
	});

	test('a grid is deleted with its runs', async () => {
		const made = await page();
		const grid = await create(made);
		await grid.start();
		await made.session.grids.refresh();
		await made.session.grids.remove(grid.id);
		expect(made.session.grids.list).toEqual([]);
		expect(made.session.grids.current).toBeNull();
		expect((await made.store.survey()).runs).toEqual([]);
		expect(await made.grids.outcomes(grid.id)).toEqual([]);
	});
});

describe('the estimate', () => {
	test('names runs, cells and shared work, and the time once a run of this machine is known', async () => {
		const made = await page();
		const grid = await create(made);
		expect(grid.estimate).toMatchObject({ cells: 2, runs: 4, seconds: null, pace: null, atOnce: 1 });
		expect(grid.estimate.shared).toEqual({ outputs: 2, revisions: 2, 'held-out before': 3 });
		expect(grid.secondsLeft).toBeNull();
		await made.session.engines.tryLoad(SMALL.model);
		expect(grid.estimate).toMatchObject({ pace: 'guessed', atOnce: 2, bytes: expect.any(Number) as number });
		made.session.draft.load(SMALL);
		await made.session.startRun();
		expect(grid.estimate.pace).toBe('measured');
		// A run on its own says nothing about a grid whose runs train in turns.
		expect(grid.secondsLeft).toBeNull();
		await grid.start();
		expect(grid.secondsLeft).toBe(0);
	});

	test('has runs one after the other where the memory takes no second one', async () => {
		const made = await page();
		const grid = await create(made);
		made.compute.report = { ...made.compute.report, budgetBytes: 1 };
		await grid.start();
		expect(made.compute.mostTrainers).toBe(1);
		expect(statuses(grid)).toEqual(['done', 'done', 'done', 'done']);
	});
});
