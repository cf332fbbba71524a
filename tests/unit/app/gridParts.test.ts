/** Order, time and shared clock of the runs of a grid. */
import { describe, expect, test } from 'vitest';
import { nextOnOtherPage, nextRun, type GridRunStatus } from '#app/grid/gridQueue.ts';
import { SharedClock } from '#app/grid/sharedClock.ts';
import { readGrid } from '#core/grid/grid.ts';
import { gridRuns, planSharing } from '#core/grid/runs.ts';
import type { RunPhase } from '#core/run/run.ts';

describe('the next run', () => {
	const planned = planSharing(
		gridRuns(
			readGrid({
				schema: 1,
				cells: {
					zero: {},
					dpo: { objective: 'dpo' },
					tuned: { begin: 'zero', objective: 'apo_down' },
					judged: { 'pairs.method': 'on_policy_judge' },
				},
				vary: { seed: [1, 2] },
			}),
		),
	);
	/** Statuses and phases by cell and seed; runs that are left out wait. */
	const runsWith = (states: Readonly<Record<string, readonly [GridRunStatus, RunPhase]>>) =>
		planned.map((one) => {
			const { key, seed, cell } = one.run;
			const [status, at] = states[`${cell} ${seed}`] ?? ['waiting' as const, 'idle' as const];
			return { key, seed, planned: one, status, at };
		});
	const next = (states: Parameters<typeof runsWith>[0], atOnce = 4): string | null => {
		const run = nextRun(runsWith(states), atOnce);
		return run === null ? null : `${run.planned.run.cell} ${run.seed}`;
	};

	test('is the first; the others wait for the work that they take over', () => {
		expect(next({})).toBe('zero 1');
		expect(next({ 'zero 1': ['running', 'revising'] })).toBeNull();
		expect(next({ 'zero 1': ['running', 'training'] })).toBe('dpo 1');
	});

	test('is at most one more than may be at work', () => {
		expect(next({ 'zero 1': ['running', 'training'] }, 1)).toBeNull();
	});

	test('begins from a run that has ended', () => {
		const dpo = { 'dpo 1': ['running', 'training'] } as const;
		expect(next({ 'zero 1': ['running', 'training'], ...dpo })).toBe('judged 1');
		expect(next({ 'zero 1': ['done', 'done'], ...dpo })).toBe('tuned 1');
	});

	test('is of the next seed only when all runs of the last have ended', () => {
		const first = {
			'zero 1': ['done', 'done'],
			'dpo 1': ['failed', 'training'],
			'tuned 1': ['stopped', 'idle'],
		} as const;
		expect(next({ ...first, 'judged 1': ['running', 'training'] })).toBeNull();
		expect(next({ ...first, 'judged 1': ['done', 'done'] })).toBe('zero 2');
	});

	test('is a run that was left before', () => {
		expect(next({ 'zero 1': ['done', 'done'], 'dpo 1': ['paused', 'training'] })).toBe('dpo 1');
	});

	describe('on another page', () => {
		const alone = (states: Parameters<typeof runsWith>[0]): string | null => {
			const run = nextOnOtherPage(runsWith(states));
			return run === null ? null : `${run.planned.run.cell} ${run.seed}`;
		};

		test('is the first; the others of its seed wait for its work', () => {
			expect(alone({})).toBe('zero 1');
			expect(alone({ 'zero 1': ['running', 'training'] })).toBe('dpo 1');
		});

		test('is of the next seed if those of this one are at work or wait', () => {
			const first = {
				'zero 1': ['running', 'training'],
				'dpo 1': ['running', 'loading'],
				'judged 1': ['running', 'judging'],
			} as const;
			expect(alone(first)).toBe('zero 2');
			expect(alone({ ...first, 'zero 2': ['running', 'sampling'] })).toBeNull();
			expect(alone({ ...first, 'zero 1': ['done', 'done'] })).toBe('tuned 1');
		});

		test('does not wait for held-out scores of the base that no run has begun to measure', () => {
			const judged = { 'judged 1': ['done', 'done'] } as const;
			expect(alone({ ...judged, 'zero 1': ['running', 'revising'] })).toBe('zero 2');
			expect(alone({ ...judged, 'zero 1': ['running', 'evaluating-before'] })).toBeNull();
		});

		test('computes the work itself if the run that it would take it from has failed', () => {
			expect(alone({ 'zero 1': ['failed', 'sampling'] })).toBe('dpo 1');
		});

		test('is none if all have started', () => {
			expect(
				nextOnOtherPage(
					planned.map((one) => ({ key: one.run.key, planned: one, status: 'done', at: 'done' })),
				),
			).toBeNull();
		});
	});

	test('has the model of the runs at work', () => {
		const models = planSharing(gridRuns(readGrid({ schema: 1, vary: { model: ['a', 'b'] } })));
		const [a, b] = models.map((one) => ({ key: one.run.key, seed: one.run.seed, planned: one }));
		const waiting = { ...b!, status: 'waiting' as const, at: 'idle' as const };
		expect(nextRun([{ ...a!, status: 'running', at: 'training' }, waiting], 4)).toBeNull();
		expect(nextRun([{ ...a!, status: 'done', at: 'done' }, waiting], 4)).toBe(waiting);
	});
});

test('the shared clock gives each of n runs one nth of the time', () => {
	let now = 0;
	const clock = new SharedClock({ now: () => now, date: () => '' });
	now = 10;
	expect(clock.now()).toBe(10);
	clock.active = 2;
	now = 30;
	expect(clock.now()).toBe(20);
	clock.active = 0;
	now = 35;
	expect(clock.now()).toBe(25);
});
