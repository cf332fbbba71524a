/** Thinned series: spikes stay, the work follows the width, and lists that grow are read on from their old end. */
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { lastAtMost } from '#core/math/lastAtMost.ts';
import { thinned } from '#ui/charts/thin.ts';
import { smooth } from '#core/math/smooth.ts';
import { counted } from '#tests/support/visited.ts';

const WIDTH = 300;
const stepsTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('thinning', () => {
	it('draws short series as they are', () => {
		const steps = stepsTo(20);
		const values = steps.map((i) => i * i);
		expect(thinned({ steps, columns: [values] }, [0, 19], WIDTH)).toEqual({ steps, columns: [values] });
	});

	it('keeps a spike of one step in 50,000, up and down', () => {
		const steps = stepsTo(50_000);
		const values = steps.map(() => 0);
		values[31_234] = 9;
		values[777] = -9;
		const { steps: thin, columns } = thinned({ steps, columns: [values] }, [0, 50_000], WIDTH);
		expect(thin.length).toBeLessThanOrEqual(4 * WIDTH + 2);
		expect(Math.max(...(columns[0] ?? []).map(Number))).toBe(9);
		expect(Math.min(...(columns[0] ?? []).map(Number))).toBe(-9);
		// In its place, to less than a pixel.
		const at = columns[0]?.indexOf(9) ?? -1;
		expect(Math.abs((thin[at] ?? 0) - 31_234)).toBeLessThan(50_000 / WIDTH);
	});

	it('shows every point again after a zoom', () => {
		const steps = stepsTo(50_000);
		const values = steps.map((i) => Math.sin(i));
		const { steps: thin, columns } = thinned({ steps, columns: [values] }, [1000, 1100], WIDTH);
		expect(thin).toEqual(steps.slice(999, 1102));
		expect(columns[0]).toEqual(values.slice(999, 1102));
	});

	test('has the extremes of the whole, ascending steps, and gaps only for gaps', () => {
		const value = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { freq: 10 });
		fc.assert(
			fc.property(
				fc.array(value, { minLength: 1, maxLength: 3000 }),
				fc.integer({ min: 1, max: 200 }),
				(values, width) => {
					const steps = stepsTo(values.length).map((i) => 3 * i);
					const { steps: thin, columns } = thinned(
						{ steps, columns: [values] },
						[0, 3 * values.length],
						width,
					);
					const finite = (list: readonly (number | null)[]) => list.filter((one) => one !== null);
					const [all, kept] = [finite(values), finite(columns[0] ?? [])];
					expect(kept.length > 0).toBe(all.length > 0);
					const same = (of: (...values: number[]) => number) => of(...all) === of(...kept);
					expect(all.length === 0 || (same(Math.min) && same(Math.max))).toBe(true);
					expect(columns[0]).toHaveLength(thin.length);
					expect(thin.every((step, i) => i === 0 || step > (thin[i - 1] ?? 0))).toBe(true);
					expect([thin[0], thin.at(-1)]).toEqual([steps[0], steps.at(-1)]);
				},
			),
			{ numRuns: 200 },
		);
	});

	test('reads a growing list on from its old end: a draw costs the same at 50,000 steps as at 5,000', () => {
		const steps: number[] = [];
		const values: number[] = [];
		const read = counted(values);
		const cost = new Map<number, number>();
		for (let step = 0; step <= 50_000; step++) {
			steps.push(step);
			values.push(Math.sin(step / 100));
			if (step % 500 !== 0 && step !== 4999 && step !== 49_999) continue;
			const before = read.reads();
			thinned({ steps, columns: [read.list] }, [0, 50_000], WIDTH);
			cost.set(step, read.reads() - before);
		}
		// The draw at 5,000 and 50,000 follows one at the step before, so it takes up one value.
		expect(cost.get(50_000)).toBeLessThan(2 * (cost.get(5000) ?? 0));
		expect(cost.get(50_000)).toBeLessThan(8 * WIDTH);
	});
});

describe('smoothing', () => {
	test('continues from the old end of a list, and equals smoothing from its start', () => {
		const values = [1, null, 3, 2];
		const read = counted<number | null>(values);
		smooth(read.list, 0.8);
		const before = read.reads();
		values.push(5, 4);
		const smoothed = smooth(read.list, 0.8);
		expect(read.reads() - before).toBe(2);
		expect(smoothed).toEqual(smooth([1, null, 3, 2, 5, 4], 0.8));
		smooth(read.list, 0.5);
		expect(smooth(read.list, 0.8)).toBe(smoothed);
	});
});

test('the last step at most a value', () => {
	fc.assert(
		fc.property(fc.uniqueArray(fc.integer()), fc.integer(), (list, value) => {
			const steps = list.toSorted((a, b) => a - b);
			return lastAtMost(steps, value) === steps.findLastIndex((step) => step <= value);
		}),
	);
});
