import { describe, expect, it } from 'vitest';
import { median, pairedRatio, spread } from '../../../bench/node/stats.mjs';

describe('median', () => {
	it('is the middle value, or the mean of the two in the middle', () => {
		expect(median([5, 1, 3])).toBe(3);
		expect(median([4, 1, 3, 2])).toBe(2.5);
		expect(median([7])).toBe(7);
	});

	it('is no number where nothing was measured', () => {
		expect(median([])).toBeNaN();
	});

	it('leaves the list as it is', () => {
		const list = [3, 1, 2];
		median(list);
		expect(list).toEqual([3, 1, 2]);
	});
});

describe('spread', () => {
	it('names the ends', () => {
		expect(spread([2, 9, 4])).toEqual({ least: 2, most: 9 });
	});
});

describe('pairedRatio', () => {
	it('takes only rounds in which both were measured', () => {
		// Ours was slow in the rounds that the other sat out.
		expect(pairedRatio([20, null, 40, null], [1, 100, 2, 100])).toBe(20);
	});

	it('is no number without such a round', () => {
		expect(pairedRatio([null, 3], [1, null])).toBeNaN();
	});
});
