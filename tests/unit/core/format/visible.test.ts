import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { differVisibly, visible } from '#core/format/visible.ts';

test('texts whose first difference is two printable characters look different', () => {
	expect(differVisibly('An oak.', 'An elm.')).toBe(true);
	expect(differVisibly('e\u0301', 'f\u0301')).toBe(true);
});

test('any other difference is left to the visible form', () => {
	for (const [a, b] of [
		['same', 'same'],
		['a b', 'ab'],
		['a', 'a\u200B'],
		['é', 'e\u0301'],
		['one\r\n', 'one\n'],
	] as const) {
		expect(differVisibly(a, b)).toBe(false);
	}
});

test('texts that differ visibly never have the same visible form', () => {
	const unit = fc.constantFrom(
		'a',
		'e',
		'<',
		' ',
		'\n',
		'\u0301',
		'\u0338',
		'\u200B',
		'é',
		'ﬁ',
		'한',
		'\u1160',
	);
	const text = fc.string({ unit, maxLength: 8 });
	fc.assert(
		fc.property(text, text, (a, b) => !differVisibly(a, b) || visible(a) !== visible(b)),
		{
			seed: 1,
			numRuns: 2000,
		},
	);
});
