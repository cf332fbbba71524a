/** The 50,000th step of a run costs the page what the 100th costs. Counts work, not time. */
import { describe, expect, it, test } from 'vitest';
import { LossStep } from '#app/steps/lossStep.svelte.ts';
import { TrainingHistory } from '#app/steps/trainingHistory.ts';
import type { ComputeEngine, TrainEvent } from '#core/ports.ts';
import { planePairs } from '#ui/views/overview/planePairs.ts';
import { oneSeries, rewardSeries } from '#ui/views/overview/curves.ts';
import { fakeMetrics } from '#tests/support/fakeCompute.ts';
import { atOnce, FakeClock, SMALL } from '#tests/support/fakes.ts';
import { visited } from '#tests/support/visited.ts';

const STEPS = 50_000;
const PAIRS = 64;
const BATCH = 8;

function stepEvent(step: number): TrainEvent {
	const batch = Array.from({ length: BATCH }, (_, i) => ({
		pairId: `p${(step * BATCH + i) % PAIRS}`,
		chosen: step / 10,
		rejected: -step / 10,
	}));
	return { type: 'step', metrics: fakeMetrics(step), batch };
}

/** A run whose steps the test makes one by one; every step is published at once. */
function longRun(): { loss: LossStep; take: () => void } {
	let emit: (event: TrainEvent) => void = () => undefined;
	const compute = {
		train: (_: unknown, onEvent: (event: TrainEvent) => void) => {
			emit = onEvent;
			return { finished: new Promise<void>(() => undefined) };
		},
	} as unknown as ComputeEngine;
	const recipe = { ...SMALL, training: { ...SMALL.training, steps: STEPS } };
	const loss = new LossStep(() => recipe, compute, { clock: new FakeClock(), frame: atOnce });
	void loss.train({ runId: 'r', recipe, pairs: [], resume: null, startPaused: false, answers: null });
	let step = 0;
	return { loss, take: () => emit(stepEvent(++step)) };
}

/** Reads everything that the overview shows at a publication. */
function readAll(loss: LossStep): void {
	expect([loss.latest, loss.secondsPerStep, loss.step, loss.positions.size]).not.toContain(null);
	rewardSeries(loss);
	oneSeries(loss, 'loss', 'loss');
	loss.courseOf('p1');
	planePairs(loss, [], 'p1');
}

it('takes, publishes and shows every step with the same work', () => {
	const { loss, take } = longRun();
	const work = new Map<number, number>();
	for (let step = 1; step <= STEPS; step++) {
		// Every pair has its full trail on the plane from step 8,192 on.
		if (![100, 10_000, STEPS].includes(step)) take();
		else
			work.set(
				step,
				visited(() => {
					take();
					readAll(loss);
				}),
			);
	}
	expect(loss.history).toHaveLength(STEPS);
	expect(work.get(100)).toBeGreaterThan(0);
	expect(work.get(STEPS)).toBe(work.get(100));
	expect(work.get(10_000)).toBe(work.get(100));
});

it('appends to its lists instead of copying them', () => {
	const { loss, take } = longRun();
	for (let step = 0; step < 10; step++) take();
	const before = [loss.history, loss.trails, loss.updates, loss.column('loss'), loss.courseOf('p1')?.chosen];
	take();
	const after = [loss.history, loss.trails, loss.updates, loss.column('loss'), loss.courseOf('p1')?.chosen];
	for (const [i, list] of after.entries()) expect(list).toBe(before[i]);
	expect(loss.column('loss')).toHaveLength(11);
});

describe('a stored run of 50,000 steps', () => {
	const metrics = Array.from({ length: STEPS }, (_, i) => fakeMetrics(i + 1));
	const trails = Array.from({ length: STEPS * BATCH }, (_, i) => ({
		pairId: `p${i % PAIRS}`,
		chosen: 1,
		rejected: -1,
		step: 1 + Math.floor(i / BATCH),
	}));

	test('is restored with its last batch, and cut at a checkpoint', () => {
		const history = TrainingHistory.of(metrics, trails);
		expect(history.batch).toHaveLength(BATCH);
		expect(
			history.batch.every((point) => trails.slice(-BATCH).includes(point as (typeof trails)[number])),
		).toBe(true);
		expect(history.positions.size).toBe(PAIRS);
		expect(history.column('grad_norm')).toHaveLength(STEPS);
		const cut = history.until(20);
		expect(cut.metrics).toHaveLength(20);
		expect(cut.points).toHaveLength(20 * BATCH);
		expect(history.metrics).toHaveLength(STEPS);
	});

	test('of twice the length is read with twice the work', () => {
		const [some, points] = [metrics.slice(0, STEPS / 2), trails.slice(0, (STEPS * BATCH) / 2)];
		const half = visited(() => TrainingHistory.of(some, points));
		const whole = visited(() => TrainingHistory.of(metrics, trails));
		expect(whole / half).toBeCloseTo(2, 1);
	});
});
