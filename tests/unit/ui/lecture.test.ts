/** Lecture in the address: a link opens it, and leaving it removes it. */
import { expect, test } from 'vitest';
import { isLecture, withLecture, writeLecture } from '#ui/theme/lecture.ts';

test.each([
	['', true, '?mode=lecture'],
	['?a=b', true, '?a=b&mode=lecture'],
	['?mode=lecture', true, '?mode=lecture'],
	['?mode=lecture', false, ''],
	['?a=b&mode=lecture', false, '?a=b'],
	['?mode=other', false, '?mode=other'],
	['?mode=other', true, '?mode=lecture'],
])('“%s” with lecture %s is “%s”', (search, on, next) => {
	expect(withLecture(search, on)).toBe(next);
	expect(isLecture(next)).toBe(on);
});

test('the rest of the address stays', () => {
	const written: string[] = [];
	const page = {
		location: { pathname: '/lab/', search: '', hash: '#run=a&view=loss' },
		history: { replaceState: (_: unknown, __: string, url: string) => void written.push(url) },
	};
	writeLecture(page, false);
	writeLecture(page, true);
	expect(written).toEqual(['/lab/?mode=lecture#run=a&view=loss']);
});
