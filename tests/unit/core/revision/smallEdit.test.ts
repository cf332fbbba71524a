/** The edit that opens first: an early small one, else the first. */
import { describe, expect, it } from 'vitest';
import { firstShown } from '#app/steps/revisionViews.ts';
import { firstSmallEdit } from '#core/revision/smallEdit.ts';
import type { Revision } from '#core/revision/revision.ts';

describe('the first small edit', () => {
	it('is the first early row that keeps enough words', () => {
		expect(firstSmallEdit([0.6, null, 0.8, 0.9], (share) => share)).toBe(0.8);
		expect(firstSmallEdit([0.2, 0.5], (share) => share)).toBeUndefined();
		const late = [...Array.from({ length: 24 }, () => 0.1), 0.9];
		expect(firstSmallEdit(late, (share) => share)).toBeUndefined();
	});

	it('opens only if it is asked for', () => {
		const row = (revised: string | null, jaccard: number) => ({ revised, measures: { jaccard } }) as Revision;
		const rows = [row(null, 1), row('a', 0.2), row('b', 0.8)];
		expect(firstShown(rows, false)).toBe(rows[1]);
		expect(firstShown(rows, true)).toBe(rows[2]);
		expect(firstShown(rows.slice(0, 2), true)).toBe(rows[1]);
		expect(firstShown([], true)).toBeNull();
	});
});
