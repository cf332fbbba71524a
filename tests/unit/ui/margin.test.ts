import { smooth } from '#core/math/smooth.ts';
import { marginNote, rewardSeries } from '#ui/views/overview/curves.ts';
import { describe, expect, test } from 'vitest';

const columns: Readonly<Record<string, number[]>> = {
	'rewards/chosen': [0, 1, 0.5, 3],
	'rewards/rejected': [0, -1, 0.25, -1],
};
const series = rewardSeries({ column: (name) => columns[name] ?? [] });

describe('the margin beside the reward curves', () => {
	test('without smoothing is the difference of the raw values', () => {
		expect(marginNote(series, 0, 3)).toEqual({ at: 1, text: 'margin 4.00' });
	});

	test.each([0, 1, 2, 3])('with smoothing is the difference of the smoothed ends, at step %i', (i) => {
		const [w, l] = series.map(({ values }) => smooth(values, 0.8)[i]!);
		expect(marginNote(series, 0.8, i)).toEqual({ at: (w! + l!) / 2, text: `margin ${(w! - l!).toFixed(2)}` });
	});

	test('with smoothing is not the raw margin', () => {
		expect(marginNote(series, 0.8, 3)?.text).toBe('margin 1.86');
	});

	test('is absent before the first step', () => {
		expect(marginNote(series, 0.8, -1)).toBeUndefined();
		expect(marginNote([], 0.8, 0)).toBeUndefined();
	});
});
