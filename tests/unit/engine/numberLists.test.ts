import { expect, test } from 'vitest';
import { NumberLists } from '#engine/gpu/numberLists.ts';

test('tells lists apart by head, order, length and fractions', () => {
	const lists = new NumberLists<string>();
	const keys: [number, number[]][] = [
		[0, []],
		[1, []],
		[0, [1, 2]],
		[0, [2, 1]],
		[0, [1, 2, 0]],
		[0, [1e-5]],
		[0, [1e-6]],
		[0, [NaN]],
		[0, [2 ** 32 + 1]],
		[0, [1]],
	];
	for (const [head, list] of keys) {
		expect(lists.get(head, list)).toBeUndefined();
		lists.add(head, list, `${head}: ${list.join()}`);
	}
	for (const [head, list] of keys) expect(lists.get(head, list)).toBe(`${head}: ${list.join()}`);
	expect(lists.size).toBe(keys.length);
	expect([...lists.values()]).toHaveLength(keys.length);
});

test('keeps a copy of the list it was given', () => {
	const lists = new NumberLists<string>();
	const key = [1, 2];
	lists.add(0, key, 'a');
	key[0] = 3;
	expect(lists.get(0, key)).toBeUndefined();
	expect(lists.get(0, [1, 2])).toBe('a');
});

test('forgets all at once', () => {
	const lists = new NumberLists<string>();
	lists.add(0, [1], 'a');
	lists.clear();
	expect(lists.get(0, [1])).toBeUndefined();
	expect(lists.size).toBe(0);
});
