/** Scores before and after, and their difference, add up as they are printed. */
import { expect, test } from 'vitest';
import { decimalsThatAddUp } from '#ui/format.ts';

test.each([
	[0.37, 0.89, 0.52, 2],
	[0.372, 0.886, 0.514, 3],
	[0.5, 0.5, 0, 2],
	[0.9, 0.2, -0.7, 2],
	[0.1234, 0.8764, 0.753, 3],
])('%f, %f and %f need %i decimals', (before, after, difference, decimals) => {
	expect(decimalsThatAddUp(before, after, difference)).toBe(decimals);
});
