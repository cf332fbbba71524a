/** Runs of a grid against the same runs alone, with the embedded model and the real engine. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GridRuns } from '#app/grid/gridRuns.ts';
import type { AppPorts } from '#app/ports.ts';
import { Session } from '#app/session.svelte.ts';
import { readGrid } from '#core/grid/grid.ts';
import { runFigures, type RunFigures, type RunOutcome } from '#core/grid/outcome.ts';
import { gridRuns, planSharing, type PlannedRun } from '#core/grid/runs.ts';
import { anchorPorts } from '#tests/support/anchorPorts.ts';

const GRID = readGrid({
	schema: 1,
	base: {
		// Over one batch of answers, so that shared first answers change the batches of the second ones.
		prompts: { count: 36 },
		sampling: { maxTokens: 16 },
		optimiser: { warmupSteps: 0 },
		training: { steps: 2, batchPairs: 2, checkpointEvery: 0, evaluateEvery: 1 },
		evaluation: { count: 6, maxTokens: 12 },
	},
	cells: {
		zero: {},
		dpo: { objective: 'dpo' },
		judged: { 'pairs.method': 'on_policy_judge' },
		tuned: { begin: 'zero', objective: 'apo_down' },
		hopeless: { 'optimiser.learningRate': 1000, 'optimiser.maxGradNorm': 0, steps: 3, beta: 1e6 },
	},
	vary: { seed: [3] },
});

/** @param store of another page, to share it */
function session(store?: AppPorts['store']) {
	const { ports: own, dispose } = anchorPorts();
	const ports = store === undefined ? own : { ...own, store };
	const made = new Session(ports);
	const { engines, reviser, imported, begin } = made;
	const runs = new GridRuns({ ports, engines, reviser, imported }, begin);
	return { made, runs, dispose, store: ports.store };
}

/** Figures that depend on the clock or on what was shared. */
const OTHER: readonly string[] = ['seconds', 'wallSeconds', 'reused'] satisfies (keyof RunFigures)[];

function result(figures: RunFigures) {
	return Object.fromEntries(Object.entries(figures).filter(([name]) => !OTHER.includes(name)));
}

async function alone({ run }: PlannedRun): Promise<RunFigures> {
	const { made, dispose } = session();
	await made.start();
	made.draft.load(run.recipe);
	await made.startRun();
	const record = made.run.record();
	if (record === null) throw new Error('no run');
	const { leftOutCounts: leftOut } = made.steps.pair;
	await dispose();
	return runFigures(record, { leftOut, credit: null, reused: [], wallSeconds: 0 });
}

describe('a grid', () => {
	const planned = planSharing(gridRuns(GRID));
	const outcomes = new Map<string, RunOutcome>();
	const { made, runs, dispose } = session();
	const figuresOf = (cell: string): RunFigures => outcomes.get(cell)!.figures!;

	beforeAll(async () => {
		await made.start();
		for (const { run, shares } of planned)
			outcomes.set(
				run.cell,
				await runs.play({ run, from: Object.values(shares), credit: run.cell === 'zero' }),
			);
	}, 300_000);
	afterAll(dispose);

	test.each(['zero', 'dpo', 'judged'])(
		'gives the cell “%s” the outcome of the same run alone, to the digit',
		{ timeout: 300_000 },
		async (cell) => {
			const single = await alone(planned.find(({ run }) => run.cell === cell)!);
			expect(result({ ...figuresOf(cell), credit: null })).toEqual(result(single));
		},
	);

	test('shares what its plan says', () => {
		for (const { run, shares } of planned) {
			const reused = outcomes.get(run.cell)?.figures?.reused;
			if (reused !== undefined) expect(reused).toEqual(Object.keys(shares));
		}
		expect(figuresOf('dpo').reused).toEqual(['outputs', 'revisions', 'held-out before']);
		expect(figuresOf('judged').reused).toEqual(['outputs', 'held-out before']);
	});

	test('begins a cell from the adapter of another', () => {
		expect(figuresOf('tuned').greedy.beforeScores).toEqual(figuresOf('zero').greedy.afterScores);
		expect(figuresOf('tuned').reused).toEqual([]);
	});

	test('measures token credit if it is asked for', () => {
		const { credit, pairs } = figuresOf('zero');
		expect(credit?.pairs).toBe(pairs.kept);
		expect(credit?.editedCredit).toBeGreaterThan(0);
		expect(credit?.editedCredit).toBeLessThan(1);
		expect(figuresOf('dpo').credit).toBeNull();
	});

	test('has the reason of a run that failed, or marks it, and goes on', () => {
		const { figures, error } = outcomes.get('hopeless')!;
		expect(figures?.marks.length ?? error?.message.length).toBeGreaterThan(0);
	});

	test('takes up runs from their files', async () => {
		const file = await runs.file('zero.seed3');
		await runs.keepOnly(new Set());
		expect(runs.held).toEqual([]);
		await runs.open('zero.seed3', file!);
		const { run } = planned.find((one) => one.run.cell === 'dpo')!;
		const again = await runs.play({ run, from: ['zero.seed3'], credit: false });
		expect(again.figures?.reused).toEqual(['outputs', 'revisions', 'held-out before']);
		expect(result(again.figures!)).toEqual(result(figuresOf('dpo')));
		const tuned = planned.find((one) => one.run.cell === 'tuned')!;
		const begun = await runs.play({ run: tuned.run, from: [], credit: false });
		expect(result(begun.figures!)).toEqual(result(figuresOf('tuned')));
	}, 300_000);

	test('takes over the work of a run that another page still plays, to the digit', async () => {
		const first = session();
		const other = session(first.store);
		await Promise.all([first.made.start(), other.made.start()]);
		const [zero, dpo] = ['zero', 'dpo'].map((cell) => planned.find((one) => one.run.cell === cell)!.run);
		let id: string | null = null;
		let early: ReturnType<GridRuns['file']> = Promise.resolve(null);
		await first.runs.play({ run: zero!, from: [], credit: false }, (run) => {
			id = run.id;
			run.onEnter = (phase) => {
				if (phase === 'training') early = first.runs.file('zero.seed3');
			};
		});
		await other.runs.open('zero.seed3', (await early)!);
		const { figures } = await other.runs.play({ run: dpo!, from: ['zero.seed3'], credit: false });
		expect(figures?.reused).toEqual(['outputs', 'revisions', 'held-out before']);
		expect(result(figures!)).toEqual(result(figuresOf('dpo')));
		// The page that took the work over forgets the run; the other one still has it.
		await other.runs.keepOnly(new Set());
		expect(await first.store.read(id!)).not.toBeNull();
		await Promise.all([first.dispose(), other.dispose()]);
	}, 300_000);

	test('continues a run that did not end, which stays in the store after it left the memory', async () => {
		const { made, runs: own, dispose, store } = session();
		await made.start();
		const { run } = planned.find((one) => one.run.cell === 'zero')!;
		let id = '';
		const stopped = await own.play({ run, from: [], credit: false }, (started) => {
			id = started.id!;
			started.onEnter = (phase) => phase === 'training' && started.player.stop(true);
		});
		expect(stopped.error?.code).toBe('loop-unfinished');
		await own.keepOnly(new Set());
		expect(own.held).toEqual([]);
		let resumedIn: string | null = null;
		const { figures } = await own.play(
			{ run, from: [], credit: false, stored: { id, reused: [] } },
			(resumed) => (resumedIn = resumed.id),
		);
		expect(resumedIn).toBe(id);
		expect(result(figures!)).toEqual(result({ ...figuresOf('zero'), credit: null }));
		await own.keepOnly(new Set());
		expect(await store.read(id)).toBeNull();
		await dispose();
	}, 300_000);

	test('says which run is missing if a cell cannot begin', async () => {
		await runs.keepOnly(new Set());
		const tuned = planned.find((one) => one.run.cell === 'tuned')!;
		const { error, figures } = await runs.play({ run: tuned.run, from: [], credit: false });
		expect(figures).toBeNull();
		expect(error).toMatchObject({
			code: 'begin-missing',
			message: expect.stringContaining('zero.seed3') as string,
		});
	});
});
