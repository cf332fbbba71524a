/** Names of runs and sets that are not in use yet. */
import { freeName } from '#core/text/name.ts';
import { expect, test } from 'vitest';

test('a name in use gets the first free number', () => {
	expect(freeName('Sunday', new Set())).toBe('Sunday');
	expect(freeName('Sunday', new Set(['Sunday', 'Sunday 2', 'Sunday 4']))).toBe('Sunday 3');
});
