import { describe, expect, test } from 'vitest';
import { bandAt, bandOf } from '#core/grid/bands.ts';
import { curvesOf, type RunCurves } from '#core/grid/curves.ts';
import { curvesIn } from '#core/grid/outcome.ts';
import { curvePanels, curveRuns } from '#core/grid/panels.ts';
import { arrangeRuns, runColumns, runRows, type RunOrder } from '#core/grid/runRows.ts';
import { gridAxes } from '#core/grid/table/axes.ts';
import { measuredGrid } from '#tests/support/gridOutcomes.ts';

function curve(steps: readonly number[], loss: readonly number[]): RunCurves {
	const zeros = steps.map(() => 0);
	return {
		steps,
		values: {
			loss,
			'rewards/chosen': zeros,
			'rewards/rejected': zeros,
			'rewards/margins': zeros,
			'rewards/accuracies': zeros,
		},
		scores: [{ step: 0, score: 0.5 }],
	};
}

describe('a band over seeds', () => {
	test('is the mean with the smallest and largest seed, also where a seed is not that far', () => {
		expect(bandOf([curve([1, 2, 3], [1, 2, 3]), curve([1, 2], [3, 6])], 'loss')).toEqual({
			steps: [1, 2, 3],
			mean: [2, 4, 3],
			low: [1, 2, 3],
			high: [3, 6, 3],
			seeds: [2, 2, 1],
		});
	});

	test('has gaps where JSON has no number', () => {
		const stored = JSON.parse(JSON.stringify(curve([1, 2], [Number.NaN, 2]))) as RunCurves;
		expect(bandOf([stored], 'loss').steps).toEqual([2]);
	});

	test('has the value of the last step before the cursor', () => {
		const band = bandOf([curve([10, 20], [1, 2])], 'loss');
		expect(bandAt(band, 9)).toBeNull();
		expect(bandAt(band, 19)).toEqual({ mean: 1, low: 1, high: 1 });
		expect(bandAt(band, 99)?.mean).toBe(2);
	});
});

describe('the curves of a run', () => {
	const step = (index: number) => ({
		step: index,
		loss: 1 / 3,
		'rewards/chosen': index,
		'rewards/rejected': -index,
		'rewards/margins': 2 * index,
		'rewards/accuracies': 1,
	});

	test('keep at most 201 steps, with the last one, and six digits', () => {
		const metrics = Array.from({ length: 1001 }, (_, i) => step(i + 1));
		const { steps, values } = curvesOf({ metrics, heldOut: [] } as never);
		expect(steps.length).toBeLessThanOrEqual(201);
		expect(steps[0]).toBe(1);
		expect(steps.at(-1)).toBe(1001);
		expect(values.loss[0]).toBe(0.333333);
	});

	test('are read from figures that older versions wrote', () => {
		const [outcome] = measuredGrid({ vary: { seed: [1, 2] } }, () => 0.1).outcomes;
		const { curves, ...older } = outcome!.figures!;
		expect(curvesIn({ ...older, courses: curves! })).toBe(curves);
		const scores = [{ step: 0, score: 0.4 }];
		const [run] = curveRuns([{ ...outcome!, figures: { ...older, course: scores } }]);
		expect(run?.curves).toMatchObject({ steps: [], scores });
	});
});

const measured = measuredGrid(
	{ vary: { objective: ['apo_zero', 'dpo'], beta: [0.1, 1], seed: '1..2' } },
	(cell, seed) => (cell === 'dpo, beta 1' && seed === 2 ? 'failed' : seed / 10),
);
const axes = gridAxes(measured.grid, measured.cells);
const names = measured.cells.map(({ name }) => name);

describe('panels', () => {
	const runs = curveRuns(measured.outcomes);

	test('by a setting have a line per cell, named by the other settings', () => {
		const panels = curvePanels(runs, names, 'loss', { axis: axes[0] ?? null, axes });
		expect(panels.map(({ title, lines }) => [title, lines.map(({ label }) => label)])).toEqual([
			['APO-zero', ['0.1', '1']],
			['DPO', ['0.1', '1']],
		]);
		// Losses at step 2: 1/2 and 1/3; one run failed.
		expect(panels[0]?.lines[0]?.band.mean[1]).toBeCloseTo((1 / 2 + 1 / 3) / 2, 12);
		expect(panels[1]?.lines[1]?.band.seeds).toEqual([1, 1]);
	});

	test('without a setting are one per cell', () => {
		const panels = curvePanels(runs, names, 'score', { axis: null, axes });
		expect(panels.map(({ title, lines }) => [title, lines[0]?.label])).toEqual(
			names.map((name) => [name, '']),
		);
	});
});

describe('the run table', () => {
	const listed = measured.outcomes.map((outcome) => ({
		...outcome,
		status: outcome.figures === null ? 'failed' : 'done',
		outcome,
	}));
	const rows = runRows(listed, runColumns(axes, ['objective', 'objective.beta']));
	const keys = (order: Partial<RunOrder>) =>
		arrangeRuns(rows, { column: null, descending: false, filter: '', ...order }).map(({ key }) => key);

	test('says what differs', () => {
		expect([...(rows[0]?.settings ?? [])]).toEqual([
			['objective', 'APO-zero'],
			['β', '0.1'],
		]);
		expect(rows[0]?.figures).toMatchObject({ change: 0.1, margin: 2, seconds: 5, KL: null });
		expect(rows.find(({ status }) => status === 'failed')?.note).toBe('The loss is not a number.');
	});

	test('sorts by a figure with runs without it last, in both directions', () => {
		const ascending = keys({ column: 'change' });
		const descending = keys({ column: 'change', descending: true });
		expect(ascending.at(-1)).toBe('dpo, beta 1.seed2');
		expect(descending.at(-1)).toBe('dpo, beta 1.seed2');
		expect(ascending[0]).toContain('seed1');
		expect(descending[0]).toContain('seed2');
	});

	test('sorts labels that are numbers as numbers, and keeps the order of equal ones', () => {
		expect(keys({ column: 'β', descending: true })[0]).toBe('apo_zero, beta 1.seed1');
	});

	test('filters by all words, in any column', () => {
		expect(keys({ filter: 'DPO seed 2' })).toEqual(['dpo, beta 0.1.seed2', 'dpo, beta 1.seed2']);
		expect(keys({ filter: 'not a number' })).toEqual(['dpo, beta 1.seed2']);
		expect(keys({ filter: 'kto' })).toEqual([]);
	});
});
