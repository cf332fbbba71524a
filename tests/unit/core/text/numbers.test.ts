/** Numbers in texts: minus signs, zero, and values that are not known. */
import { fixed, percent, signed } from '#core/text/numbers.ts';
import { expect, test } from 'vitest';

test('a negative number has a true minus sign, and zero has no sign', () => {
	expect([signed(0.7), signed(-1.4), signed(-0.001), signed(0.001)]).toEqual([
		'+0.70',
		'−1.40',
		'0.00',
		'0.00',
	]);
	expect([fixed(-0.4567, 3), fixed(-0.0001, 3), fixed(12, 0)]).toEqual(['−0.457', '0.000', '12']);
});

test('a value that is not known is a dash', () => {
	expect([fixed(null), signed(undefined), fixed(NaN), percent(NaN)]).toEqual(['–', '–', '–', '–']);
});

test('a share is a whole percentage', () => {
	expect([percent(0), percent(0.125), percent(1)]).toEqual(['0%', '13%', '100%']);
});
