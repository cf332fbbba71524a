import { tokenCredit } from '#core/loss/credit.ts';
import { ShapeError } from '#core/errors.ts';
import { expect, test } from 'vitest';

test('the credit of the tokens sums to the reward of the completion', () => {
	const policy = new Float32Array([-0.5, -2, -0.25]);
	const reference = new Float32Array([-1, -1, -0.25]);
	const credit = tokenCredit(policy, reference, 0.5);
	expect([...credit]).toEqual([0.25, -0.5, 0]);
	expect(credit.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0.5 * (-2.75 - -2.25), 12);
});

test('lists of other lengths are refused', () => {
	expect(() => tokenCredit(new Float32Array(2), new Float32Array(3), 1)).toThrow(ShapeError);
});
